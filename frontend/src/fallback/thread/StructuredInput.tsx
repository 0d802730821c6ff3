import { type FormEvent, useId, useRef } from "react";
import type { InputAnswer, InputQuestion, InputSubmission, StructuredInputItem } from "../protocol";

interface Props {
  item: StructuredInputItem;
  /** Whether the question can still be answered, because no message followed it. */
  open: boolean;
  busy: boolean;
  onAnswer: (submission: InputSubmission) => void;
}

const MAX_ANSWER = 2_000;

/** Questions of the assistant or, once answered, the replies. */
export function StructuredInput({ item, open, busy, onAnswer }: Props) {
  const card = useRef<HTMLDivElement>(null);
  const id = useId();
  const pending = open && item.status === "pending";

  function answer(answers: InputSubmission["answers"]) {
    // The focused control will be removed.
    card.current?.focus();
    const skipped = Object.values(answers).every((one) => one.skipped);
    onAnswer({ status: skipped ? "skipped" : "answered", answers });
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset that is disabled loses the focus
    <div
      ref={card}
      role="group"
      className="widget card structured-input"
      aria-labelledby={item.inputs.map((_, index) => `${id}-${index}`).join(" ")}
      tabIndex={-1}
    >
      {pending ? (
        <Form questions={item.inputs} id={id} busy={busy} onAnswer={answer} />
      ) : (
        item.inputs.map((question, index) => (
          <div key={question.id}>
            <p id={`${id}-${index}`} className="question">
              {question.question}
            </p>
            <p className="question-answer">{answerWords(item, question)}</p>
          </div>
        ))
      )}
    </div>
  );
}

interface FormProps {
  questions: InputQuestion[];
  id: string;
  busy: boolean;
  onAnswer: (answers: InputSubmission["answers"]) => void;
}

/** A single choice is sent by one click. Everything else is sent together with a button. */
function Form({ questions, id, busy, onAnswer }: FormProps) {
  const [first] = questions;
  const single = questions.length === 1 && first?.type === "multiple_choice" && !first.multiple;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onAnswer(answersTo(questions, (question) => readValues(form, question)));
  }

  return (
    <form onSubmit={submit} aria-busy={busy}>
      {questions.map((question, index) => (
        <fieldset key={question.id} disabled={busy} aria-labelledby={`${id}-${index}`}>
          <p id={`${id}-${index}`} className="question">
            {question.question}
          </p>
          {question.type === "freeform" && question.description && (
            <p className="question-answer">{question.description}</p>
          )}
          {question.type === "multiple_choice" &&
            question.options.map(({ value }) =>
              single ? (
                <button
                  key={value}
                  type="button"
                  className="question-option"
                  onClick={() => onAnswer(answersTo(questions, () => [value]))}
                >
                  {value}
                </button>
              ) : (
                <label key={value} className="question-option choice">
                  <input
                    type={question.multiple ? "checkbox" : "radio"}
                    name={question.id}
                    value={value}
                  />
                  {value}
                </label>
              ),
            )}
          <input
            className="field"
            name={question.id}
            aria-label={`Your own answer: ${question.question}`}
            placeholder={question.type === "freeform" ? "Your answer" : "Something else"}
            maxLength={MAX_ANSWER}
            required={single}
            autoComplete="off"
          />
        </fieldset>
      ))}
      <footer className="card-foot">
        <button
          type="button"
          className="widget-button"
          data-variant="ghost"
          disabled={busy}
          onClick={() => onAnswer(answersTo(questions, () => []))}
        >
          Skip
        </button>
        <button type="submit" className="widget-button" data-style="primary" disabled={busy}>
          Answer
        </button>
      </footer>
    </form>
  );
}

function answersTo(
  questions: InputQuestion[],
  read: (question: InputQuestion) => string[],
): Record<string, InputAnswer> {
  return Object.fromEntries(
    questions.map((question) => {
      const values = read(question);
      return [question.id, { values, skipped: values.length === 0 }];
    }),
  );
}

/** The chosen values and the person's own text. If only one value is allowed, the text counts. */
function readValues(form: FormData, question: InputQuestion): string[] {
  const values = form
    .getAll(question.id)
    .map((value) => String(value).trim())
    .filter(Boolean);
  const many = question.type === "multiple_choice" && question.multiple;
  return many ? [...new Set(values)] : values.slice(-1);
}

function answerWords(item: StructuredInputItem, { answer }: InputQuestion): string {
  if (item.status === "pending") return "Not answered";
  if (item.status === "skipped" || !answer || answer.skipped) return "Skipped";
  return answer.values.join(", ");
}
