import { Icon } from "../ui/icons";
import { Select } from "../ui/Select";
import type { DueFilter, StatusFilter, TaskFilters } from "./filters";

const STATUSES: [StatusFilter, string][] = [
  ["open", "Open"],
  ["done", "Done"],
  ["all", "All"],
];
const PRIORITIES: [TaskFilters["priority"], string][] = [
  ["any", "Any priority"],
  ["high", "High"],
  ["medium", "Medium"],
  ["low", "Low"],
];
const DUES: [DueFilter, string][] = [
  ["any", "Any time"],
  ["overdue", "Overdue"],
  ["today", "Due today"],
  ["week", "Next 7 days"],
];

interface Props {
  filters: TaskFilters;
  tags: string[];
  onChange: (filters: TaskFilters) => void;
}

export function TaskFilterBar({ filters, tags, onChange }: Props) {
  const set = (change: Partial<TaskFilters>) => onChange({ ...filters, ...change });
  return (
    <search className="filters" aria-label="Filter tasks">
      <div className="search-field">
        <Icon name="search" size={16} />
        <input
          type="search"
          aria-label="Search tasks"
          placeholder="Search"
          value={filters.search}
          onChange={(event) => set({ search: event.target.value })}
        />
      </div>
      <fieldset className="segments">
        <legend className="visually-hidden">Status</legend>
        {STATUSES.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name="status"
              checked={filters.status === value}
              onChange={() => set({ status: value })}
            />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <div className="selects">
        <FilterSelect
          label="Priority"
          value={filters.priority}
          options={PRIORITIES}
          onChange={(priority) => set({ priority })}
        />
        <FilterSelect
          label="Due"
          value={filters.due}
          options={DUES}
          onChange={(due) => set({ due })}
        />
        <FilterSelect
          label="Tag"
          value={filters.tag}
          options={[["", "Any tag"], ...tags.map((tag): [string, string] => [tag, `#${tag}`])]}
          onChange={(tag) => set({ tag })}
        />
      </div>
    </search>
  );
}

function FilterSelect<T extends string>(props: {
  label: string;
  value: T;
  options: [T, string][];
  onChange: (value: T) => void;
}) {
  const { label, value, options, onChange } = props;
  return (
    <Select
      className="filter"
      aria-label={label}
      data-set={value !== options[0]?.[0]}
      value={value}
      onChange={(event) => onChange(event.target.value as T)}
    >
      {options.map(([option, words]) => (
        <option key={option} value={option}>
          {words}
        </option>
      ))}
    </Select>
  );
}
