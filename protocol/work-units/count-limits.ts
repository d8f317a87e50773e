/**
 * Bounds of what is read from a model's file, so that a hostile one costs the reader little: time and memory follow from
 * these and not from the file. Units stand last in the name.
 */
export const COUNT_LIMITS = {
  nodes_max: 20_000,
  initializers_max: 20_000,
  /** Tensors with a declared shape. */
  value_infos_max: 50_000,
  functions_max: 1_000,
  /** Names of inputs and outputs, those of all nodes together. */
  edges_max: 200_000,
  attributes_per_node_max: 64,
  /** Numbers in one list of an attribute. */
  attribute_integers_max: 1_024,
  /** Numbers in the lists of all attributes together. */
  attribute_integers_total_max: 200_000,
  name_bytes_max: 1_024,
  dimensions_max: 16,
  /** Numbers of a tensor whose values are followed, because a shape may depend on them. */
  values_per_tensor_max: 32,
} as const;
