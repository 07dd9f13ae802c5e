"""Do all ranks train the same model? Asked before the first step."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from itertools import zip_longest

from autograd.distributed.ending import DisagreementError
from autograd.distributed.ranks import Ranks

Fact = tuple[str, str]  # what it is about, what it is


def agree(ranks: Ranks, asking: str, facts: Sequence[Fact]) -> None:
    """Raise DisagreementError, on every rank, which names the first fact that is not the same on all and the ranks."""
    text = json.dumps(facts)
    if len(set(ranks.gather(str(zlib.crc32(text.encode()))))) == 1:
        return
    for told in zip_longest(*(map(tuple, json.loads(each)) for each in ranks.gather(text)), fillvalue=None):
        if len(set(told)) > 1:
            by_fact: dict[Fact | None, list[str]] = {}
            for rank, fact in enumerate(told):
                by_fact.setdefault(fact, []).append(str(rank))
            sides = "; ".join(
                f"on rank{'s' * (len(who) > 1)} {', '.join(who)}, {' is '.join(fact) if fact else 'there is no more'}"
                for fact, who in by_fact.items()
            )
            raise DisagreementError(
                f"{asking}: the ranks disagree: {sides}; make the same model on every rank, after the same manual_seed"
            )
