"""What chance would give: tails as bits of surprise (-log2 p), capped where floating point ends."""

from __future__ import annotations

import numpy as np
from scipy import special  # not scipy.stats, which takes half a second to load

from cityweave.graph.screen.market import Floats

MOST = 60.0
"""Bits beyond which nothing is told apart."""


def more(seen: Floats, expected: Floats, spread: float) -> Floats:
    """Surprise at seeing as many or more where `expected` are usual and the variance is expected + spread x expected^2 (negative binomial)."""
    size = 1.0 / max(spread, 1e-6)
    mean = np.maximum(expected, 1e-9)
    tail = special.betainc(np.maximum(seen, 1.0), size, mean / (size + mean))
    return bits(np.where(np.asarray(seen) > 0, tail, 1.0))


def fisher(ranks: Floats) -> float:
    """Surprise at these ranks (each between 0 and 1, uniform by chance) being so small, together (Fisher 1925)."""
    if not len(ranks):
        return 0.0
    return float(bits(np.array(special.chdtrc(2 * len(ranks), -2.0 * np.log(np.maximum(ranks, 1e-12)).sum()), dtype=np.float64)))


def bits(p: Floats) -> Floats:
    """-log2, between 0 and MOST."""
    found: Floats = np.clip(-np.log2(np.maximum(p, 2.0**-MOST)), 0.0, MOST)
    return found
