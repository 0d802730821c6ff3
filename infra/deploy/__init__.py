"""`make deploy` and `make destroy`: the order in which the stacks come and go, and all around it.

`up` and `down` are the two orders. They drive `Stack`, which knows CloudFormation's states, and
report through `Progress`. Nothing here writes into a tracked file: what an environment lacks is
asked for once and kept in the account.
"""
