"""What does one client's integration engineer have to know of its files, and of nobody else's?

`columns`   what each column is, with its type and an example
`section`   a part of the guide
`rules`     what to do with a file, and what happens at the server
`text_words`, `packing_words`  how files are written, packed and accompanied
`wording`   all of it, section by section
`markdown`  the sections as Markdown
`html`      the sections as one page that prints well
`schema`    the JSON Schema of an event, the dictionary of a table
"""
