"""How is a client's CSV written, where the default is not what its programs read?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictStr, model_validator

from event_delivery.plain_text import is_plain

_LONGEST_WORD = 40
_WORDS = {"none": "null", "null": "null", "true": "true_word", "false": "false_word"}
_NO_DELIMITERS = '"\r\n\\.'  # PostgreSQL's COPY refuses the first four; a dot would part every number


def _delimiter(value: object) -> object:
    """Return the one byte that parts values: PostgreSQL writes them, and knows no longer one."""
    text = "\t" if value in ("tab", "\\t") else value
    single = text if isinstance(text, str) and len(text) == 1 and text.isascii() else ""
    if single == "\t" or (single and is_plain(single) and not single.isalnum() and single not in _NO_DELIMITERS):
        return single
    raise ValueError("wanted tab, or one ASCII character but letters, digits, quotes, dots and backslashes")


def _quote(value: object) -> object:
    return "none" if value == "none-with-error" else value


def _word(value: object) -> object:
    if not isinstance(value, str) or len(value) > _LONGEST_WORD or not (value == "" or is_plain(value)):
        raise ValueError(f"wanted text of at most {_LONGEST_WORD} characters, all of which show")
    return value


Delimiter = Annotated[str, BeforeValidator(_delimiter)]
Word = Annotated[str, BeforeValidator(_word)]
Encoding = Literal["utf-8", "utf-8-bom", "utf-16le", "windows-1252", "latin-1"]


class Dialect(BaseModel):
    """How CSV is written; the defaults are the contracted file.

    `quote`: `minimal` quotes what needs it, `all` every value but null, `none` nothing: a value that would need
    quotes is an error. `replacement`: what stands for a character that `encoding` lacks; None: that is an error.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    delimiter: Delimiter = ","
    quote: Annotated[Literal["minimal", "all", "none"], BeforeValidator(_quote)] = "minimal"
    header: StrictBool = True
    line_end: Literal["lf", "crlf"] = "lf"
    null: Word = ""
    true_word: Word = "true"
    false_word: Word = "false"
    escape_formulas: StrictBool = False
    encoding: Encoding = "utf-8"
    replacement: Annotated[StrictStr, Field(min_length=1, max_length=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_words(cls, fields: object) -> object:
        """Take `null`, `true` and `false` as they are written: YAML reads these keys as values, unless quoted."""
        if not isinstance(fields, dict):
            return fields
        return {_WORDS.get(str(key).lower(), key): value for key, value in fields.items()}

    @model_validator(mode="after")
    def _fit_together(self) -> Dialect:
        for name in ("null", "true_word", "false_word"):
            found = [each for each in (self.delimiter, '"') if each in getattr(self, name)]
            if found:
                raise ValueError(f"wanted {name} without {found[0]!r}, which the file itself needs")
        if self.true_word == self.false_word:
            raise ValueError("wanted true_word and false_word to differ")
        _check_replacement(self)
        return self


def _check_replacement(dialect: Dialect) -> None:
    """Refuse what every file cannot take in any value's place: it comes when nothing quotes values any more."""
    character = dialect.replacement
    if character is None:
        return
    if not character.isascii() or not is_plain(character):
        raise ValueError("wanted a replacement that every encoding has, such as '?'")
    if character in (dialect.delimiter, '"', *dialect.null):
        raise ValueError(f"wanted a replacement but {character!r}, which the file itself needs")
    if dialect.escape_formulas and character in "=+-@":
        raise ValueError(f"wanted a replacement but {character!r}, which begins a formula")


DEFAULT_DIALECT = Dialect()
