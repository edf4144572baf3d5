"""Sentences an operator reads about printers, jobs, labels, alarms, holds, the sync; each in Chinese and English. Pure.

A refusal stands where it is raised, with the values that it names.
"""
