import { expect, it } from "vitest";
import { chooseImagesToDrop } from "./choose-images-to-drop.ts";

const image = (name: string, bytes: number, used_ms: number) => ({ name, bytes, used_ms });
const images = [image("new", 5, 30), image("old", 10, 10), image("middle", 10, 20)];
const dropped = (images_max: number, bytes_max: number): string[] =>
  chooseImagesToDrop(images, { images_max, bytes_max }).map(({ name }) => name);

it("drops the ones used longest ago until both limits hold", () => {
  expect(dropped(3, 25)).toEqual([]);
  expect(dropped(2, 25)).toEqual(["old"]);
  expect(dropped(3, 24)).toEqual(["old"]);
  expect(dropped(3, 5)).toEqual(["old", "middle"]);
});

it("keeps the one that is wanted now, however large", () => {
  expect(dropped(1, 1)).toEqual(["old", "middle"]);
});
