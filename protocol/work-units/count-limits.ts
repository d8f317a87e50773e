/**
 * Bounds of what is read from a model's file, so that a hostile one costs the reader little: time and memory follow from
 * these and not from the file. Units stand last in the name.
 */
export const COUNT_LIMITS = {
  /** What is held in memory of a file: all of it but the weights. */
  bytes_besides_weights_max: 4 * 1024 * 1024,
  /** What is kept of a tensor's data: more than the values that are followed take in any encoding. */
  bytes_per_tensor_kept: 1_024,
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
