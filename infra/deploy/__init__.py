"""`make deploy` and `make destroy`: create, update and delete all stacks of a deployment.

`up` deploys the stacks in order, and `down` deletes them in reverse. Both use `Stack`, which
handles CloudFormation's states, and report through `Progress`. The program writes to no tracked
file. It asks for missing input once and keeps it in the account.
"""
