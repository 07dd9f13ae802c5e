"""Checks of derivatives against something that knows none of the rules: differences of values.

==================  =========================================================================================
`gradcheck`         every derivative of a function, a module or an optimizer's step against differences
`gradgradcheck`     the same for the derivatives of the derivatives
`finite_differences`  the differences alone
``subject.py``      what is checked, called again and again from the same state
``culprits.py``     which operation, on which line, is to blame
``report.py``       what the checks found, and how it is told
==================  =========================================================================================
"""

from __future__ import annotations

from autograd.check.differences import finite_differences
from autograd.check.gradients import gradcheck, gradgradcheck
from autograd.check.report import Report

__all__ = ["Report", "finite_differences", "gradcheck", "gradgradcheck"]
