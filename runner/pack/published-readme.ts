/** The README as it stands alone: what links to the rest of the repository keeps its words. */
export const publishedReadme = (text: string): string =>
  text.replaceAll(/\[([^\]]+)\]\(\.\.\/[^)]*\)/g, "$1");
