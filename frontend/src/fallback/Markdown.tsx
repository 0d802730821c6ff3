import type { ReactNode } from "react";
import { Link } from "./Link";

/**
 * The subset of Markdown in answers: paragraphs, lists, headings, code, emphasis and links. It is
 * rendered as elements, never as HTML text, so nothing that a model or a person wrote can run.
 */
export function Markdown({ text }: { text: string }) {
  return <div className="markdown">{readBlocks(text).map(renderBlock)}</div>;
}

type Block =
  | { kind: "paragraph" | "heading" | "code"; text: string }
  | { kind: "list"; ordered: boolean; items: string[] };

const FENCE = /^\s*```/;
const HEADING = /^#{1,6}\s+(.*)$/;
const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*\d+[.)]\s+(.*)$/;

export function readBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let code: string[] | undefined;
  for (const line of text.split("\n")) {
    if (FENCE.test(line)) {
      if (code) blocks.push({ kind: "code", text: code.join("\n") });
      code = code ? undefined : [];
    } else if (code) {
      code.push(line);
    } else {
      readLine(line, blocks);
    }
  }
  if (code) blocks.push({ kind: "code", text: code.join("\n") });
  return blocks.filter((block) => block.kind !== "paragraph" || block.text.trim() !== "");
}

function readLine(line: string, blocks: Block[]): void {
  const last = blocks.at(-1);
  const heading = HEADING.exec(line);
  const item = BULLET.exec(line) ?? NUMBER.exec(line);
  if (heading) {
    blocks.push({ kind: "heading", text: heading[1] ?? "" });
  } else if (item) {
    const ordered = !BULLET.test(line);
    if (last?.kind === "list" && last.ordered === ordered) last.items.push(item[1] ?? "");
    else blocks.push({ kind: "list", ordered, items: [item[1] ?? ""] });
  } else if (line.trim() === "") {
    blocks.push({ kind: "paragraph", text: "" });
  } else if (last?.kind === "paragraph" && last.text) {
    last.text += `\n${line}`;
  } else {
    blocks.push({ kind: "paragraph", text: line });
  }
}

function renderBlock(block: Block, index: number): ReactNode {
  switch (block.kind) {
    case "code":
      return (
        <pre key={index}>
          <code>{block.text}</code>
        </pre>
      );
    case "heading":
      return (
        <p key={index} className="markdown-heading">
          {renderInline(block.text)}
        </p>
      );
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List key={index}>
          {block.items.map((item, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: items have no other identity
            <li key={at}>{renderInline(item)}</li>
          ))}
        </List>
      );
    }
    default:
      return <p key={index}>{renderInline(block.text)}</p>;
  }
}

const INLINE =
  /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])[*_]([^*_\s][^*_]*)[*_](?!\w)|\[([^\]]+)\]\(([^)\s]+)\)|\n/;

function renderInline(text: string): ReactNode[] {
  const nodes: ReactNode[] = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    nodes.push(rest.slice(0, match.index), renderMatch(match, nodes.length));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...nodes, rest];
}

function renderMatch(match: RegExpExecArray, key: number): ReactNode {
  const [whole, code, strong, emphasis, label, url] = match;
  if (code) return <code key={key}>{code}</code>;
  if (strong) return <strong key={key}>{renderInline(strong)}</strong>;
  if (emphasis) return <em key={key}>{emphasis}</em>;
  if (label && url) {
    return (
      <Link key={key} href={url}>
        {label}
      </Link>
    );
  }
  return whole === "\n" ? <br key={key} /> : whole;
}
