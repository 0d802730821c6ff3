# Judges a model, a prompt or a tool by the tasks that result from 60 conversations.

.PHONY: eval
eval: $(VENV)/.installed ## run 60 conversations with the configured model and score the resulting tasks
	@$(BIN)/python -m tests.evaluations
