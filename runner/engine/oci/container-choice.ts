import { CONTAINER_CLIS, type ContainerCliName } from "./container-cli.ts";

/** What an operator may say about containers: a program to run them with, whichever answers, or none at all. */
export const CONTAINER_CHOICES = ["auto", "off", ...CONTAINER_CLIS] as const;
export type ContainerChoice = (typeof CONTAINER_CHOICES)[number];

/** The programs to try, in order. */
export const clisOf = (choice: ContainerChoice): readonly ContainerCliName[] =>
  choice === "auto" ? CONTAINER_CLIS : choice === "off" ? [] : [choice];
