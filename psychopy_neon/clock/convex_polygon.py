"""Convex polygons in the plane: just what the clock filter needs.

A polygon is a list of (x, y) corners, counter-clockwise. Operations that must approximate
return a polygon that contains the exact result, never one that misses part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Corner = tuple[float, float]
Polygon = list[Corner]


def rectangle(x_min: float, x_max: float, y_min: float, y_max: float) -> Polygon:
    """Return the axis-parallel rectangle."""
    return [(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max)]


def clip(polygon: Polygon, a: float, b: float, c: float) -> Polygon:
    """Return the part where ``a * x + b * y <= c``; empty if there is none."""
    kept: Polygon = []
    excess = [a * x + b * y - c for x, y in polygon]
    for here in range(len(polygon)):
        before = here - 1
        if (excess[before] > 0) != (excess[here] > 0):
            share = excess[before] / (excess[before] - excess[here])
            kept.append(_between(polygon[before], polygon[here], share))
        if excess[here] <= 0:
            kept.append(polygon[here])
    return kept


def intersection(polygon: Polygon, other: Polygon, rounding: Corner = (0.0, 0.0)) -> Polygon:
    """Return what two convex polygons share; empty if nothing.

    Parameters
    ----------
    polygon, other : list of (float, float)
    rounding : (float, float)
        How far corners of `other` may be off along x and y: it counts as that much wider to both
        sides along x, and where its edges are no longer than that, they may point anywhere.
    """
    x_rounding, y_rounding = rounding
    for here, (bx, by) in enumerate(other):
        ax, ay = other[here - 1]
        dx, dy = bx - ax, by - ay
        if abs(dx) > x_rounding or abs(dy) > y_rounding:
            polygon = clip(polygon, dy, -dx, dy * ax - dx * ay + x_rounding * abs(dy))
    return polygon


def centroid(polygon: Polygon) -> Corner:
    """Return the centre of the area; of a polygon without any, the middle of its box."""
    x0, y0 = polygon[0]
    area = x_moment = y_moment = 0.0
    for here in range(1, len(polygon)):
        ax, ay = polygon[here - 1][0] - x0, polygon[here - 1][1] - y0
        bx, by = polygon[here][0] - x0, polygon[here][1] - y0
        twice = ax * by - bx * ay
        area += twice
        x_moment += (ax + bx) * twice
        y_moment += (ay + by) * twice
    if area <= 0:
        (left, low), _, (right, high), _ = _bounding_box(polygon)
        return (left + right) / 2, (low + high) / 2
    return x0 + x_moment / (3 * area), y0 + y_moment / (3 * area)


def hull(points: Iterable[Corner]) -> Polygon:
    """Return the convex hull (monotone chain), without corners on straight edges."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return _chain(ordered)[:-1] + _chain(ordered[::-1])[:-1]


def widened(polygon: Polygon, steps: Sequence[Corner]) -> Polygon:
    """Return the Minkowski sum with the convex hull of `steps`."""
    return hull((x + dx, y + dy) for x, y in polygon for dx, dy in steps)


def with_fewer_corners(polygon: Polygon, most: int) -> Polygon:
    """Return a polygon of at most `most` (>= 4) corners that contains this one.

    Drops the edge whose removal adds the least area, until few enough are left.
    """
    while len(polygon) > most:
        choices = [choice for i in range(len(polygon)) if (choice := _without_edge(polygon, i))]
        if not choices:  # rounding left corners on top of each other
            return _bounding_box(polygon)
        _, edge, corner = min(choices)
        polygon = _replace_edge(polygon, edge, corner)
    return polygon


def _between(p: Corner, q: Corner, share: float) -> Corner:
    return p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])


def _chain(ordered: Sequence[Corner]) -> Polygon:
    chain: Polygon = []
    for x, y in ordered:
        while len(chain) > 1:
            (px, py), (qx, qy) = chain[-2], chain[-1]
            if (qx - px) * (y - py) - (qy - py) * (x - px) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain


def _without_edge(polygon: Polygon, edge: int) -> tuple[float, int, Corner] | None:
    """Return (twice the area added, edge, corner that replaces it), or None if impossible.

    Edge `edge` ends at corner `edge`. Its neighbours are prolonged until they meet.
    """
    count = len(polygon)
    (ax, ay), (bx, by) = polygon[edge - 2], polygon[edge - 1]
    (cx, cy), (dx, dy) = polygon[edge], polygon[(edge + 1) % count]
    turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if turn <= 0:
        return None
    reach = ((cx - bx) * (dy - cy) - (cy - by) * (dx - cx)) / turn
    if reach < 0:
        return None
    x, y = bx + reach * (bx - ax), by + reach * (by - ay)
    return abs((cx - bx) * (y - by) - (cy - by) * (x - bx)), edge, (x, y)


def _replace_edge(polygon: Polygon, edge: int, corner: Corner) -> Polygon:
    if edge == 0:
        return [*polygon[1:-1], corner]
    return [*polygon[: edge - 1], corner, *polygon[edge + 1 :]]


def _bounding_box(polygon: Polygon) -> Polygon:
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return rectangle(min(xs), max(xs), min(ys), max(ys))
