interface Page {
    rows: { first: { name: string } };
}
export function nameOf(page: Page): string {
    return page.rows.first.name;
}
