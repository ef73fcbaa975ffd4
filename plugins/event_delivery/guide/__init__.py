"""What does one client's integration engineer have to know of its files, and of nobody else's?

`section`    a part of the guide
`times`      when a file comes, clock changes
`place`      where it comes, and how one knows that it is whole
`names`      what files are called
`examples`   a value of the sample, as a file has it
`columns`    what each column is, with its type and an example
`history`    which columns there were, since when
`text_words`, `packing_words`  how files are written, packed and accompanied
`rules`      what to do with a file
`your_side`  what we do at the server, and ask for
`wording`    all of it, section by section
`making`     the same with what the ledger knows
`markdown`   the sections as Markdown
`html`       the sections as one page that prints well
`schema`     the JSON Schema of an event, the dictionary of a table
`beside`     these, and samples, as files
"""
