"""Who is kept: one decision for each document, and a direct match for each that is removed.

In: verified pairs with their scores, and an order of preference. Out: for each document the row
that stands for it. Method: the greedy independent set in order of preference. Connected components
would chain: a document would be removed for one that it does not resemble.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dupdetect.errors import ConfigError
from dupdetect.sketch import kernels

PolicyName = Literal["first", "longest", "newest", "priority", "cleanest"]

#: The ids of rows; called with row numbers in ascending order.
Ids = Callable[[NDArray[np.int64]], Sequence[str]]

# Those that read a field of the record, and those whose greater value is the better one.
_WITH_FIELD = frozenset({"newest", "priority"})
_GREATER_IS_BETTER = frozenset({"longest", "newest", "priority"})

# Ids held at a time, unless more documents than that tie with each other: about 20 MiB of them.
_IDS_AT_ONCE = 2**18

# Pairs turned into Python numbers at a time.
_PAIRS_AT_ONCE = 2**18


@dataclass(frozen=True, slots=True)
class KeepPolicy:
    """Which of two documents that match is kept.

    - `first`: the one that comes first in the input.
    - `longest`: the one with more characters.
    - `newest`: the one with the later date in a field.
    - `priority`: the one with the greater number in a field.
    - `cleanest`: the one with fewer repairs.

    A document without a value comes after all that have one; ties are settled by id.

    Attributes:
        name: the policy.
        field: the field of the record that `newest` and `priority` read; "" for the others.

    Raises:
        ConfigError: there is no such policy, or the field is missing, or one too many.

    >>> KeepPolicy.parse("newest published")
    KeepPolicy(name='newest', field='published')
    """

    name: PolicyName
    field: str = ""

    def __post_init__(self) -> None:
        if self.name not in get_args(PolicyName):
            raise ConfigError([f"keep is {self.name!r}; allowed: {_allowed()}"])
        if (self.name in _WITH_FIELD) != bool(self.field):
            raise ConfigError([f"keep is {str(self)!r}; allowed: {_allowed()}"])

    def __str__(self) -> str:
        return f"{self.name} {self.field}".strip()

    @classmethod
    def parse(cls, text: str) -> KeepPolicy:
        """The policy of its written form: its name, and for some a space and the field.

        Raises:
            ConfigError: there is no such policy, or the field is missing, or one too many.
            TypeError: it is no text.
        """
        if not isinstance(text, str):
            message = f'keep is {text!r}; give a policy as text, such as "longest"'
            raise TypeError(message)
        name, _, field = text.strip().partition(" ")
        return cls(name, field.strip())  # type: ignore[arg-type]

    def prefers(self, kept: float, removed: float) -> bool | None:
        """Whether the first value wins by this policy; None: they tie, and the ids decide.

        >>> KeepPolicy("longest").prefers(500, 400), KeepPolicy("cleanest").prefers(2, 2)
        (True, None)
        """
        if self.name == "first":
            return True
        one, other = _costs(self, np.array([kept, removed])).tolist()
        return None if one == other else bool(one < other)


def _allowed() -> str:
    names = [f'"{name} FIELD"' if name in _WITH_FIELD else name for name in get_args(PolicyName)]
    return f'{", ".join(names)}; write a field in the quotes, as in --keep "newest FIELD"'


def preference(
    policy: KeepPolicy, values: NDArray[np.float64], ids: Ids, *, pinned: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The rank of each document as a keeper: 0 is the most preferred.

    Pinned documents come before all others. Then the policy decides, then the id (in order of its
    code points, which is that of its UTF-8 bytes), then the row; for `first` the row alone.

    Args:
        policy: what is preferred.
        values: of each document: characters for `longest`, seconds for `newest`, the number for
            `priority`, repairs for `cleanest`; NaN: it has none. `first` does not look at them.
        ids: asked for documents that tie, for no others, and for 2**18 at a time or for those of
            one value if more have it.
        pinned: documents that are kept in any case.

    Returns:
        A permutation of 0 to n - 1; shape (n,).

    >>> names = ["b", "a", "c", "d"]
    >>> ids = lambda rows: [names[row] for row in rows]
    >>> nobody = np.zeros(4, dtype=np.bool_)
    >>> preference(
    ...     KeepPolicy("longest"), np.array([5, 5, np.nan, 9]), ids, pinned=nobody
    ... ).tolist()
    [2, 1, 3, 0]
    """
    if policy.name == "first":
        order = np.argsort(~pinned, kind="stable")
    else:
        order = _order(_costs(policy, values), ids, pinned)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _costs(policy: KeepPolicy, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values turned so that the least is the best; a missing one is worse than any."""
    costs = -values if policy.name in _GREATER_IS_BETTER else values
    # A record may say Infinity; the infinite cost is left to those that say nothing.
    return np.where(np.isnan(costs), np.inf, np.minimum(costs, np.finfo(np.float64).max))


def _order(costs: NDArray[np.float64], ids: Ids, pinned: NDArray[np.bool_]) -> NDArray[np.int64]:
    """All rows, the most preferred first."""
    order: NDArray[np.int64] = np.lexsort((costs, ~pinned))
    differs = np.ones(len(order), dtype=np.bool_)
    differs[1:] = costs[order[1:]] != costs[order[:-1]]
    differs[1:] |= pinned[order[1:]] != pinned[order[:-1]]
    starts = np.flatnonzero(differs)
    sizes = np.diff(starts, append=len(order))
    starts, sizes = starts[sizes > 1], sizes[sizes > 1]
    for first, last in kernels.blocks(sizes, _IDS_AT_ONCE):
        places = kernels.ragged_positions(starts[first:last], sizes[first:last])
        ties = np.repeat(np.arange(last - first), sizes[first:last])
        order[places] = _by_id(order[places], ties, ids)
    return order


def _by_id(rows: NDArray[np.int64], ties: NDArray[np.int64], ids: Ids) -> NDArray[np.int64]:
    """The rows in order of their ties, those of one tie in order of their ids, then of rows."""
    ascending = np.argsort(rows)
    rows, ties = rows[ascending], ties[ascending]
    names = ids(rows)
    by_name = np.array(sorted(range(len(rows)), key=names.__getitem__), dtype=np.int64)
    return rows[by_name[np.argsort(ties[by_name], kind="stable")]]


def decide(
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    rank: NDArray[np.int64],
    *,
    pinned: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """The row that stands for each document: its own if it is kept.

    In order of preference, a document is kept unless it matches one that is kept already. So no
    chain removes anything, and each removed document matches a kept one that is preferred to it;
    of several it names the one with the highest score, then the most preferred one. No two kept
    documents match each other, unless both are pinned.

    Fold exact copies first, and give each copy the row that stands for its original.

    Args:
        pairs: verified matches, in any order; shape (n_pairs, 2), two unlike rows each.
        scores: of each pair; the higher is the better match.
        rank: a permutation of 0 to n - 1, 0 the most preferred; shape (n,).
        pinned: documents that are kept in any case, and come before all others.

    Returns:
        Row numbers; shape (n,).

    >>> pairs, nobody = np.array([[0, 1], [1, 2], [2, 3]]), np.zeros(4, dtype=np.bool_)
    >>> decide(pairs, np.array([0.9, 0.9, 0.8]), np.arange(4), pinned=nobody).tolist()
    [0, 0, 2, 2]
    """
    place = np.empty(len(rank), dtype=np.int64)
    place[np.lexsort((rank, ~pinned))] = np.arange(len(rank))
    is_turned = place[pairs[:, 0]] > place[pairs[:, 1]]
    better = np.where(is_turned, pairs[:, 1], pairs[:, 0])
    worse = np.where(is_turned, pairs[:, 0], pairs[:, 1])
    may_remove = ~pinned[worse]
    better, worse, scores = better[may_remove], worse[may_remove], scores[may_remove]
    kept = _kept(better, worse, place)
    removes = kept[better]
    better, worse, scores = better[removes], worse[removes], scores[removes]
    # The last one written stays: the best.
    order = np.lexsort((-place[better], scores))
    keeper = np.arange(len(rank))
    keeper[worse[order]] = better[order]
    return keeper


def _kept(
    better: NDArray[np.int64], worse: NDArray[np.int64], place: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which documents are kept; each pair says which of its two comes first."""
    kept = bytearray(b"\1") * len(place)
    # When a document is the better one of a pair, all pairs in which it is the worse are done.
    order = np.argsort(place[worse], kind="stable")
    for start in range(0, len(order), _PAIRS_AT_ONCE):
        some = order[start : start + _PAIRS_AT_ONCE]
        for one, other in zip(better[some].tolist(), worse[some].tolist(), strict=True):
            if kept[one]:
                kept[other] = 0
    return np.frombuffer(kept, dtype=np.bool_)


def clusters(keeper: NDArray[np.int64]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each kept row that stands for others, with all rows it stands for.

    Args:
        keeper: the row that stands for each document.

    Yields:
        The kept row and its group: rows in ascending order, the kept one included. Groups come in
        the order of their kept rows.

    >>> list(clusters(np.array([0, 0, 2, 3, 3])))
    [(0, (0, 1)), (3, (3, 4))]
    """
    sizes = np.bincount(keeper, minlength=len(keeper))
    members = np.flatnonzero(sizes[keeper] > 1)
    members = members[np.argsort(keeper[members], kind="stable")]
    start = 0
    while start < len(members):
        kept = int(keeper[members[start]])
        end = start + int(sizes[kept])
        yield kept, tuple(members[start:end].tolist())
        start = end


@dataclass(frozen=True, slots=True)
class Standing:
    """What a policy sees of one document.

    Attributes:
        id: its id.
        value: its value by the policy; NaN: it has none.
        text: how the value was written in the record, for policies that read a field.
        pinned: whether it is kept in any case.
    """

    id: str
    value: float
    text: str = ""
    pinned: bool = False


def reason(policy: KeepPolicy, kept: Standing, removed: Standing) -> str:
    """Why one document was kept and the other was not, in words.

    >>> reason(KeepPolicy("longest"), Standing("b", 5012), Standing("a", 4800))
    'longest: 5,012 characters against 4,800'
    >>> reason(KeepPolicy("cleanest"), Standing("a", 0), Standing("b", 0))
    'cleanest: 0 repairs each; tie by id'
    >>> reason(
    ...     KeepPolicy("newest", "date"), Standing("b", 1.0, "2026-01-02"), Standing("a", np.nan)
    ... )
    'newest date: 2026-01-02 against none'
    """
    if kept.pinned:
        return "against: it is in the other corpus"
    if policy.name == "first":
        return "first: comes before it"
    if policy.prefers(kept.value, removed.value) is None:
        tie = "tie by id" if kept.id != removed.id else "tie by place"
        return f"{policy}: {_shown(policy, kept, with_unit=True)} each; {tie}"
    ours = _shown(policy, kept, with_unit=True)
    return f"{policy}: {ours} against {_shown(policy, removed, with_unit=False)}"


def _shown(policy: KeepPolicy, standing: Standing, *, with_unit: bool) -> str:
    if np.isnan(standing.value):
        return "none"
    if policy.name in _WITH_FIELD:
        return standing.text or f"{standing.value:,.15g}"
    unit = "character" if policy.name == "longest" else "repair"
    number = f"{standing.value:,.0f}"
    if not with_unit:
        return number
    return f"{number} {unit}" if standing.value == 1 else f"{number} {unit}s"
