"""Can a run change which host key is trusted?"""

from __future__ import annotations

import pytest

from event_delivery.errors import RefusedError
from event_delivery.orchestration.run_delivery import refuse_accepting


@pytest.mark.parametrize("key", ["SHA256:" + "A" * 43, "yes", ""])
def test_a_run_that_hands_over_a_host_key_is_refused(delivery, key):
    """As it could be before: a red run that says what to do instead."""
    with pytest.raises(RefusedError, match="acme: accept_host_key was handed to the run.*Nothing was delivered"):
        refuse_accepting(delivery, {"accept_host_key": key})


@pytest.mark.parametrize("conf", [None, {}, {"accept_host_key": None}, {"day": "2026-01-05"}, ["accept_host_key"]])
def test_a_run_that_hands_over_none_goes_on(delivery, conf):
    """A form of an earlier release sent the empty field too."""
    refuse_accepting(delivery, conf)
