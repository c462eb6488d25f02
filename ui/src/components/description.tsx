/**
 * The one place where text from a calendar is read as HTML. It is sanitised to a few harmless elements and rendered
 * from the resulting tree, node by node; nothing is ever handed to the page as HTML. Links open outside.
 */
import DOMPurify from 'dompurify';
import { createElement, useMemo, type ReactNode } from 'react';
import { useHost } from '../api/host-context';
import { failureOf } from '../host';
import { toastFailure } from './toast';
import { isSafeLink, linkify } from './links';
import classes from './description.module.css';

const ELEMENTS = ['a', 'b', 'strong', 'i', 'em', 'u', 's', 'br', 'p', 'div', 'span', 'ul', 'ol', 'li', 'blockquote', 'code', 'pre', 'h1', 'h2', 'h3', 'h4'];

/** Sanitises a description to a tree of plain elements. */
export function sanitise(text: string): DocumentFragment {
  return DOMPurify.sanitize(text, { ALLOWED_TAGS: ELEMENTS, ALLOWED_ATTR: ['href'], RETURN_DOM_FRAGMENT: true });
}

/** Tells whether a description is written in HTML. */
export const looksLikeHtml = (text: string): boolean => /<\/?[a-z][^<>]*>/i.test(text);

/** Renders a description. */
export function Description({ text }: { text: string }) {
  const open = useOpenLink();
  const content = useMemo(
    () => (looksLikeHtml(text) ? renderNodes(sanitise(text).childNodes, open) : renderText(text, open, 'plain')),
    [text, open],
  );
  return <div className={classes.description}>{content}</div>;
}

/** Returns the function that opens a link outside of the window. */
export function useOpenLink(): (url: string) => void {
  const host = useHost();
  return useMemo(
    () => (url: string) => {
      if (!isSafeLink(url)) return;
      host.call('open_link', { url }).catch((reason: unknown) => toastFailure('The link was not opened.', failureOf(reason)));
    },
    [host],
  );
}

type Open = (url: string) => void;

function renderNodes(nodes: NodeListOf<ChildNode>, open: Open): ReactNode[] {
  return [...nodes].map((node, index) => renderNode(node, open, String(index)));
}

function renderNode(node: ChildNode, open: Open, key: string): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) return renderText(node.textContent ?? '', open, key);
  if (!(node instanceof Element)) return null;
  const name = node.tagName.toLowerCase();
  if (!ELEMENTS.includes(name)) return null;
  if (name === 'br') return <br key={key} />;
  const children = renderNodes(node.childNodes, open);
  if (name !== 'a') return createElement(/^h\d$/.test(name) ? 'h4' : name, { key }, children);
  const href = node.getAttribute('href') ?? '';
  return isSafeLink(href) ? <Link key={key} url={href} open={open}>{children}</Link> : <span key={key}>{children}</span>;
}

function renderText(text: string, open: Open, key: string): ReactNode[] {
  return linkify(text).map((part) =>
    part.isLink ? (
      <Link key={`${key}-${part.at}`} url={part.text} open={open}>
        {part.text}
      </Link>
    ) : (
      part.text
    ),
  );
}

function Link({ url, open, children }: { url: string; open: Open; children: ReactNode }) {
  return (
    <button type="button" className={classes.link} title={url} onClick={() => open(url)}>
      {children}
    </button>
  );
}
