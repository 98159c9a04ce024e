"""Many columns made one, however many they are."""

from collections.abc import Callable, Sequence

from pyspark.sql import Column


def folded(pair: Callable[[Column, Column], Column], terms: Sequence[Column]) -> Column:
    """At least one term, in their order, joined in pairs of pairs.

    One behind the other they would be as deep as they are many. A client of Spark Connect reads each expression that it
    makes back, and protobuf reads a hundred levels: forty-seven terms.
    """
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return pair(folded(pair, terms[:middle]), folded(pair, terms[middle:]))
