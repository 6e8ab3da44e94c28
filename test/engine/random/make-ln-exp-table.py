"""Prints ln-exp-table.json: correctly rounded logarithms and exponentials, from Python's decimal.

Each entry is [input bits, output bits] of doubles, in hexadecimal. Decimal's ln and exp are exact
to the 60 digits asked for; float() rounds a decimal literal correctly. The host's libm has no part.
"""
import decimal
import json
import random
import struct

decimal.getcontext().prec = 60
decimal.getcontext().Emin = -999999
decimal.getcontext().Emax = 999999
draw = random.Random(20260101)


def bits(x):
    return struct.pack('>d', x).hex()


def double(high, low):
    return struct.unpack('>d', struct.pack('>II', high, low))[0]


def positive_double():
    return double(draw.randrange(0x7ff00000), draw.getrandbits(32))


def row(x, function):
    return [bits(x), bits(float(str(function(decimal.Decimal(x)))))]


logs = [positive_double() for _ in range(100)]
logs += [draw.random() or 0.5 for _ in range(100)]
logs += [1 + draw.uniform(-1, 1) * 2.0 ** -draw.randrange(1, 52) for _ in range(100)]
logs += [2.0 ** k for k in (-1074, -1073, -1022, -54, -1, 1, 2, 52, 1023)]
logs += [3 * 2.0 ** -1074, 1.7976931348623157e308, 2.2250738585072014e-308, 2.225073858507201e-308]
powers = [draw.uniform(-745, 709.78) for _ in range(100)]
powers += [draw.uniform(-3, 3) for _ in range(150)]
powers += [draw.uniform(-1, 1) * 2.0 ** -draw.randrange(2, 60) for _ in range(50)]
powers += [709.782712893384, 709.1, -708.4, -720.5, -745.1, -745.13321910194122]
powers += [1.0, -1.0, 0.5, 1e-300]
powers += [709.436 + step / 100 for step in range(30)]
table = {
    'ln': [row(x, decimal.Decimal.ln) for x in logs],
    'exp': [row(x, decimal.Decimal.exp) for x in powers],
}
blocks = ['"%s": [\n%s\n]' % (key, ',\n'.join(map(json.dumps, table[key]))) for key in table]
print('{\n%s\n}' % ',\n'.join(blocks))
