/**
 * The items of pages, one by one.
 *
 * An object of its own rather than an async generator, and no async function for a step inside a page: that costs one
 * settled promise and no resumption, which a million elements notice.
 */
export const flatten = <Item>(
  pages: AsyncGenerator<readonly Item[], void, undefined>,
): AsyncIterable<Item> => {
  let page: readonly Item[] = [];
  let index = 0;
  const nextOfPage = (): IteratorYieldResult<Item> => {
    const value = page[index] as Item;
    index += 1;
    return { done: false, value };
  };
  const turnPage = async (): Promise<IteratorResult<Item, undefined>> => {
    for (;;) {
      if (index < page.length) return nextOfPage();
      const step = await pages.next();
      if (step.done === true) return { done: true, value: undefined };
      page = step.value;
      index = 0;
    }
  };
  const iterator: AsyncIterator<Item, undefined> = {
    next: () =>
      index < page.length ? Promise.resolve(nextOfPage()) : turnPage(),
    async return() {
      page = [];
      await pages.return();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
};
