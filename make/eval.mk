# Judges a model, a prompt or a tool by what becomes of the tasks in 60 conversations.

.PHONY: eval
eval: $(VENV)/.installed ## 60 conversations with the configured model, scored by what becomes of the tasks
	@$(BIN)/python -m tests.evaluations
