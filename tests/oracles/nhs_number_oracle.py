"""Which ten digits are an NHS number, from the text of the NHS Data Dictionary ("NHS NUMBER", modulus 11).

Each of the first nine digits times 11 minus its position, summed; 11 minus the remainder by 11 is the check
digit, 11 counts as 0, and 10 means that the number is invalid.
"""

from __future__ import annotations


def is_number(ten_digits: str) -> bool:
    """Whether the check digit is right."""
    factors = {1: 10, 2: 9, 3: 8, 4: 7, 5: 6, 6: 5, 7: 4, 8: 3, 9: 2}
    total = 0
    for position, factor in factors.items():
        total += int(ten_digits[position - 1]) * factor
    check = 11 - total % 11
    if check == 10:
        return False
    return (0 if check == 11 else check) == int(ten_digits[9])
