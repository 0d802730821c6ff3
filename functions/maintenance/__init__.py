"""Ends lost runs and trims what has served its time, on a schedule."""
