/** The shape of every `STORE/migrations/migrations.js` that drizzle-kit writes for an object's store. */
declare const migrations: {
  journal: { entries: { idx: number; when: number; tag: string; breakpoints: boolean }[] };
  migrations: Record<string, string>;
};
export default migrations;
