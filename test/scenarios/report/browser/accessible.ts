/*
 * What keeps a page from being used without a mouse or with other eyes, as far as a program sees
 * it; the functions run in the page.
 */
import type { Page } from 'playwright-core';

/** Complaints about names, headings, tables and identities. */
export function structureOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong: string[] = [];
    const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
    const told = (element: Element): string => element.outerHTML.slice(0, 90);
    const named = (element: Element): boolean => {
      const label = element.getAttribute('aria-label') ?? element.closest('label')?.textContent;
      return (label ?? element.textContent ?? '').trim() !== '';
    };
    const controls = 'a[href], button, input, select, textarea, summary, [tabindex], [role=region]';
    for (const one of all(controls)) if (!named(one)) wrong.push(`no name: ${told(one)}`);
    for (const one of all('svg')) {
      if (one.getAttribute('role') !== 'img' || !named(one)) wrong.push(`no name: ${told(one)}`);
    }
    let level = 0;
    for (const heading of all('h1, h2, h3, h4, h5, h6')) {
      const next = Number(heading.tagName[1]);
      if (next > level + 1) wrong.push(`level ${next} after ${level}: ${told(heading)}`);
      level = next;
    }
    if (all('h1').length !== 1) wrong.push('not one h1');
    if (all('main').length !== 1) wrong.push('not one main');
    if (document.documentElement.lang !== 'en') wrong.push('no language');
    const ids = all('[id]').map(({ id }) => id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`twice: ${id}`);
    for (const link of all('a[href^="#"]')) {
      const to = link.getAttribute('href')!.slice(1);
      if (!to.startsWith('row=') && !ids.includes(to)) wrong.push(`leads nowhere: ${told(link)}`);
    }
    for (const head of all('table th:not([scope])')) wrong.push(`no scope: ${told(head)}`);
    return wrong;
  });
}

/** Texts whose contrast with what is behind them is less than WCAG's AA asks for. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    type Colour = [number, number, number, number];
    const parse = (text: string): Colour => {
      const [r = 0, g = 0, b = 0, a = 1] = text.match(/[\d.]+/g)!.map(Number);
      return [r, g, b, a];
    };
    const luminance = ([r, g, b]: Colour): number => {
      const part = (value: number): number =>
        value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const ground = (element: Element | null): Colour => {
      if (element === null) return [255, 255, 255, 1];
      const colour = parse(getComputedStyle(element).backgroundColor);
      return colour[3] === 0 ? ground(element.parentElement) : colour;
    };
    const faint: string[] = [];
    for (const element of document.querySelectorAll('body *')) {
      if (element.closest('svg, script, noscript') !== null) continue;
      const own = [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.textContent!.trim() !== '',
      );
      if (!own) continue;
      const style = getComputedStyle(element);
      const lights = [parse(style.color), ground(element)].map(luminance);
      const [low, high] = [Math.min(...lights), Math.max(...lights)];
      const ratio = (high + 0.05) / (low + 0.05);
      const large = parseFloat(style.fontSize) >= 24;
      if (ratio < (large ? 3 : 4.5)) {
        faint.push(`${ratio.toFixed(2)}: ${element.textContent!.trim().slice(0, 40)}`);
      }
    }
    return [...new Set(faint)];
  });
}
