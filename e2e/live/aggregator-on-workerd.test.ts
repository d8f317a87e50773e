import { describeAggregator } from "./aggregator-contract.ts";

describeAggregator("workerd");
