"""Does the sample of a matrix hold every value of each aspect, in few cases and always the same ones?"""

from __future__ import annotations

import itertools

from tests.full_matrix import choose_sample, find_values

CASES = [
    {"step": step, "fault": fault, "byte": byte} for step, fault, byte in itertools.product("abcd", "xyz", (0, 1))
]
ASPECTS = (lambda step, byte: (step, byte), lambda fault: fault)


def test_every_value_of_each_aspect_occurs_in_as_few_cases_as_it_takes():
    """Eight pairs of step and byte need eight cases, and the faults are spread over them."""
    values = [find_values(ASPECTS, case) for case in CASES]
    sample = [CASES[number] for number in choose_sample(values)]
    assert {(case["step"], case["byte"]) for case in sample} == set(itertools.product("abcd", (0, 1)))
    assert {case["fault"] for case in sample} == set("xyz")
    assert len(sample) == 8


def test_the_sample_is_always_the_same():
    """A failure can be looked at again."""
    values = [find_values(ASPECTS, case) for case in CASES]
    assert choose_sample(values) == choose_sample(list(values))
    assert choose_sample([]) == set()
