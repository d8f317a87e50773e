import { Datatype } from "@infernet/schemas/tensor";

/** The number that stands for a datatype in the ABIs: from 1, in the order in which the Open Inference Protocol lists them. */
export const datatypeCode = (datatype: Datatype): number => Datatype.options.indexOf(datatype) + 1;
