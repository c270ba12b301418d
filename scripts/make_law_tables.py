#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make sim/rand/law_tables.h and tests/sim/law_vectors.h: the laws as polynomials, and values.

Each table approximates a function on segments by a polynomial in x, the place within the segment
(0..1), with integer coefficients of FRACTION_BITS binary digits. The script evaluates the integers
as sim/rand/fixed.c does and refuses to write a table that misses its error bound.

Usage: scripts/make_law_tables.py [--check]      (--check: fail if the files on disk differ)
Needs python3-mpmath.
"""
import os
import sys

from mpmath import mp, mpf

mp.dps = 70
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TABLES = os.path.join(ROOT, "sim/rand/law_tables.h")
VECTORS = os.path.join(ROOT, "tests/sim/law_vectors.h")
DEGREE = 6
NODES = [(1 - mp.cos(mp.pi * (2 * i + 1) / (2 * DEGREE + 2))) / 2 for i in range(DEGREE + 1)]
INVERSE = mp.matrix([[x**j for j in range(DEGREE + 1)] for x in NODES])**-1


def neg_ln_factor(t):
    """-ln(1 - t) / t, which is smooth down to t = 0."""
    return -mp.log1p(-t) / t if t else mpf(1)


def upper_quantile(p):
    """z with P(normal > z) = p."""
    return mp.sqrt(2) * mp.erfinv(1 - 2 * p)


def fit(f, lo, width, bits):
    """Integer coefficients, lowest first, of f on lo..lo+width."""
    values = mp.matrix([f(lo + width * x) for x in NODES])
    return [int(mp.nint(c * 2**bits)) for c in INVERSE * values]


def evaluate(coefficients, x63):
    """What poly() of sim/rand/fixed.c computes; x63: place in the segment, 63 binary digits."""
    acc = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        acc = c + ((acc * x63) >> 63)
    return acc


class Table:
    def __init__(self, name, doc, bits, bound, segments, f):
        self.name, self.doc, self.bits = name, doc, bits
        self.rows = [fit(f, lo, width, bits) for lo, width in segments]
        self.error = mpf(0)
        for (lo, width), row in zip(segments, self.rows):
            for i in range(0, 17):
                x = mpf(min(i * 2**59, 2**63 - 1)) / 2**63
                got = mpf(evaluate(row, int(x * 2**63))) / 2**bits
                self.error = max(self.error, abs(got - f(lo + width * x)))
            assert all(abs(c) < 2**63 for c in row), name
        assert self.error < bound, (name, mp.nstr(mp.log(self.error, 2), 5))

    def text(self):
        up = self.name.upper()
        out = ["/* %s Absolute error below 2^%d. */" % (self.doc, int(mp.ceil(mp.log(self.error, 2)))),
               "#define %s_BITS %d" % (up, self.bits),
               "#define %s_SEGMENTS %d" % (up, len(self.rows)),
               "static const int64_t %s_table[%s_SEGMENTS][LAW_DEGREE + 1] = {" % (self.name, up)]
        for row in self.rows:
            out.append("\t{%s}," % ", ".join(str(c) for c in row))
        return "\n".join(out + ["};", ""])


def make_tables():
    half = mpf(1) / 2
    tables = [
        Table("neg_ln", "-ln(1 - t) / t for t in 0..1/2, equal segments.", 61, mpf(2)**-40,
              [(half * i / 16, half / 16) for i in range(16)], neg_ln_factor),
        Table("exp2", "2^f for f in 0..1, equal segments.", 61, mpf(2)**-42,
              [(mpf(i) / 16, mpf(1) / 16) for i in range(16)], lambda f: mpf(2)**f),
        Table("normal", "Upper quantile of the normal law for p in 2^-(k+2)..2^-(k+1), k = 0..63, eight\n"
              " * equal segments each.", 58, mpf(2)**-36,
              [(mpf(2)**-(k + 2) * (1 + mpf(i) / 8), mpf(2)**-(k + 5))
               for k in range(64) for i in range(8)],
              upper_quantile),
    ]
    head = """/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Polynomials of the laws, made by scripts/make_law_tables.py: do not edit. */
#ifndef SIM_RAND_LAW_TABLES_H
#define SIM_RAND_LAW_TABLES_H

#include <stdint.h>

/* clang-format off */
#define LAW_DEGREE %d
#define LN2_Q64 %dull /* ln 2 */
#define LOG2E_Q62 %dull /* 1 / ln 2 */

""" % (DEGREE, int(mp.nint(mp.log(2) * 2**64)), int(mp.nint(2**62 / mp.log(2))))
    return head + "\n".join(t.text() for t in tables) + "/* clang-format on */\n\n#endif\n"


def saturate(v):
    return min(int(mp.floor(v + mpf(1) / 2)), 2**64 - 1)


def exponential(u, value, num, den):
    return saturate(-value * mp.log(mpf(u + 1) / 2**64))


def pareto(u, value, num, den):
    return saturate(value * (mpf(u + 1) / 2**64)**(-mpf(den) / num))


def lognormal(u, value, num, den):
    z = upper_quantile(mpf(2 * (u % 2**63) + 1) / mpf(2)**65)
    return saturate(value * mp.exp((z if u >> 63 else -z) * num / den))


def make_vectors():
    draws = [0, 1, 2, 3, 1000, 2**31 + 12345, 2**32, 2**48 - 1, 2**62 - 1, 2**62, 2**63 - 2,
             2**63 - 1, 2**63, 2**63 + 1, 3 * 2**62, 2**64 - 2**33, 2**64 - 2**20 - 7, 2**64 - 3,
             2**64 - 2, 2**64 - 1]
    draws += [(0x9E3779B97F4A7C15 * i * i + i) % 2**64 for i in range(1, 31)]
    draws += [((2**63 + 0x123456789ABCDEF) >> k) for k in range(1, 60, 4)]
    shapes = {"EXPONENTIAL": (exponential, [(1, 1)]),
              "PARETO": (pareto, [(1, 100), (1, 2), (1, 1), (3, 2), (100, 1), (123457, 100000)]),
              "LOGNORMAL": (lognormal, [(0, 1), (1, 1000), (1, 2), (1, 1), (25, 10), (8, 1)])}
    out = ["/* SPDX-License-Identifier: GPL-2.0-or-later */",
           "/* Values of the laws from high-precision arithmetic, made by scripts/make_law_tables.py: do not edit. */",
           "/* clang-format off */",
           "static const struct law_vector {",
           "\tenum sim_law_kind kind;",
           "\tuint64_t value, num, den, draw, expect;",
           "} law_vectors[] = {"]
    for kind, (f, pairs) in shapes.items():
        for num, den in pairs:
            for i, u in enumerate(draws):
                value = [1, 1000, 200000, 10**9, 2**40 + 1, 2**63][i % 6]
                row = (kind, value, num, den, u, f(u, value, num, den))
                out.append("\t{SIM_LAW_%s, %du, %d, %d, %du, %du}," % row)
    return "\n".join(out + ["};", "/* clang-format on */", ""])


def main():
    status = 0
    for path, text in ((TABLES, make_tables()), (VECTORS, make_vectors())):
        if "--check" in sys.argv[1:]:
            if not os.path.exists(path) or open(path).read() != text:
                print("%s differs from what the script makes" % path, file=sys.stderr)
                status = 1
        else:
            with open(path, "w") as out:
                out.write(text)
    return status


if __name__ == "__main__":
    sys.exit(main())
