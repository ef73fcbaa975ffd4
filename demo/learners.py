"""Who learns in the demo, and which courses? Names and titles that break careless formats are among them."""

import json
import unicodedata
from dataclasses import dataclass
from random import Random
from uuid import UUID

FIRST_NAMES = [
    *("Bob", "Aisha", "Chloé", "Dmitri", "Eun-ji", "Fatima", "Grace", "Hiroshi", "Ingrid", "Joaquín"),
    *("Keisha", "Liam", "Mary Jane", "Noor", "Oluwaseun", "Priya", "Quentin", "Rosa", "Søren", "Tuấn"),
    *('Robert "Bobby"', "D'Andre", "محمد", "שרה", "小明", "Δήμητρα", "Zoë 🎓", "=Anna", "-Lee", "007"),
]
LAST_NAMES = [
    *("Johnson", "García", "O'Brien", "Müller", "Nguyễn", "Kowalski", "van der Berg", "Smith, Jr.", "Okafor"),
    *("Łukasz", "Çelik", "Tanaka", "Rossi", "Dubois", "Andersson", "Petrov", "Silva", "Haddad", "Kim"),
    *(
        '"Quoted"',
        "العربي",
        "כהן",
        "王",
        "St. John\nSmith",
        "back\\slash",
        "tab\there",
        "null",
        "Müller-Lüdenscheid",
    ),
]
TITLES = [
    *("New Student Orientation", "Workplace Safety, Part 1", 'Using "Plain" Language', "Data Protection"),
    *(
        "First Aid 🚑 Refresher",
        "Calculus I: Limits & Continuity",
        "Élèves et enseignants",
        "مقدمة في البرمجة",
    ),
    *(
        "Leading Teams\nModule 2",
        "Fire Drill; Evacuation",
        "100% Attendance",
        "C:\\Paths and Files",
        " Ethics ",
    ),
    *("Anti-Harassment", "Budgets | Basics", "<b>HTML</b> for All", "日本語入門", "Writing SQL: it's easy"),
]
DEPARTMENTS = ["Department", "Nursing", "R&D", "Sales, North", "", None, 'Ops "Night" Shift', "教育"]


@dataclass(frozen=True)
class Learner:
    """One learner: the login, and the `user_detail` of each of the learner's events, as JSON text."""

    email: str
    detail: str


def make_learners(random: Random, count: int, sub_client: UUID) -> list[Learner]:
    """Make so many learners, the same for the same random state."""
    return [_make_learner(random, number, sub_client) for number in range(count)]


def make_uuid(random: Random) -> str:
    """Make a UUID from the random state, as text."""
    return str(UUID(int=random.getrandbits(128), version=4))


def _make_learner(random: Random, number: int, sub_client: UUID) -> Learner:
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    external = f"{random.randrange(10**9):012d}"
    detail = {
        "id": make_uuid(random),
        "firstName": first,
        "lastName": last if random.random() > 0.01 else None,
        "externalCustomerId": external if random.random() > 0.05 else None,
        "sfContactId": f"003{random.randrange(10**12):012d}" if random.random() < 0.3 else None,
        "sfAccountId": f"001{random.randrange(10**12):012d}" if random.random() < 0.3 else None,
        "client": str(sub_client),
        "ref1": external,
        "ref2": random.choice(DEPARTMENTS),
        "ref3": f"{number % 100:05d}" if random.random() < 0.8 else None,
    }
    return Learner(f"{_ascii(first)}.{_ascii(last)}.{number}@school.com", json.dumps(detail))


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(character for character in plain.lower() if character.isalnum()) or "learner"
