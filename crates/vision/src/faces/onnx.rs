//! Block-quantised ONNX files made plain, so that a runtime without block-wise DequantizeLinear can load them.
//!
//! The weights are stored as 8-bit integers with a scale and a zero point for every block along one axis, followed
//! by DequantizeLinear and often a Reshape. [`dequantise`] computes those nodes once, drops Dropout (the identity at
//! inference), and frees the inputs of their fixed sizes. Everything else of the graph is copied as it stands.
//! Field numbers are those of `onnx.proto`, version 1.17.

use std::collections::{BTreeMap, HashMap, HashSet};

/// Why a model file can't be made plain. The files are embedded, so this is a defect of the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the model file can't be read: {0}")]
pub(crate) struct OnnxError(&'static str);

type Result<T> = std::result::Result<T, OnnxError>;

const FLOAT: u64 = 1;
const INT8: u64 = 3;

/// A field of a protobuf message.
#[derive(Clone, Copy)]
enum Field<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed32,
    Fixed64,
}

struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Field<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.is_empty()).then(|| self.read())
    }
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Result<(u64, Field<'a>)> {
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => {
                self.take(8)?;
                Field::Fixed64
            }
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(length as usize)?)
            }
            5 => {
                self.take(4)?;
                Field::Fixed32
            }
            _ => return Err(OnnxError("unknown wire type")),
        };
        Ok((key >> 3, field))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(OnnxError("a field overruns its message"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(OnnxError("a number is too long"))
    }
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| OnnxError("a name is not UTF-8"))
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn write_number(out: &mut Vec<u8>, field: u64, value: u64) {
    write_varint(out, field << 3);
    write_varint(out, value);
}

fn write_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    write_varint(out, field << 3 | 2);
    write_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// `TensorProto`.
struct Tensor<'a> {
    message: &'a [u8],
    dims: Vec<u64>,
    kind: u64,
    name: &'a str,
    raw: &'a [u8],
}

impl<'a> Tensor<'a> {
    fn read(message: &'a [u8]) -> Result<Self> {
        let mut tensor = Self {
            message,
            dims: Vec::new(),
            kind: 0,
            name: "",
            raw: &[],
        };
        for field in Fields(message) {
            match field? {
                (1, Field::Varint(dim)) => tensor.dims.push(dim),
                (1, Field::Bytes(packed)) => {
                    let mut packed = Fields(packed);
                    while !packed.0.is_empty() {
                        tensor.dims.push(packed.varint()?);
                    }
                }
                (2, Field::Varint(kind)) => tensor.kind = kind,
                (8, Field::Bytes(name)) => tensor.name = text(name)?,
                (9, Field::Bytes(raw)) => tensor.raw = raw,
                _ => {}
            }
        }
        Ok(tensor)
    }

    fn floats(&self) -> Result<Vec<f32>> {
        if self.kind != FLOAT {
            return Err(OnnxError("a scale is not a float"));
        }
        let (floats, rest) = self.raw.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(OnnxError("a tensor is cut short"));
        }
        Ok(floats
            .iter()
            .map(|four| f32::from_le_bytes(*four))
            .collect())
    }

    fn int8s(&self) -> Result<impl Iterator<Item = i8> + 'a> {
        if self.kind != INT8 {
            return Err(OnnxError("a quantised tensor is not int8"));
        }
        Ok(self.raw.iter().map(|byte| byte.cast_signed()))
    }

    fn int64s(&self) -> Vec<u64> {
        let eights = self.raw.as_chunks::<8>().0;
        eights
            .iter()
            .map(|eight| u64::from_le_bytes(*eight))
            .collect()
    }
}

/// `NodeProto`, as far as it matters here.
struct Node<'a> {
    message: &'a [u8],
    inputs: Vec<&'a str>,
    outputs: Vec<&'a str>,
    operator: &'a str,
    block_size: Option<u64>,
    axis: Option<u64>,
}

impl<'a> Node<'a> {
    fn read(message: &'a [u8]) -> Result<Self> {
        let mut node = Self {
            message,
            inputs: Vec::new(),
            outputs: Vec::new(),
            operator: "",
            block_size: None,
            axis: None,
        };
        for field in Fields(message) {
            match field? {
                (1, Field::Bytes(name)) => node.inputs.push(text(name)?),
                (2, Field::Bytes(name)) => node.outputs.push(text(name)?),
                (4, Field::Bytes(name)) => node.operator = text(name)?,
                (5, Field::Bytes(attribute)) => node.read_attribute(attribute)?,
                _ => {}
            }
        }
        Ok(node)
    }

    fn read_attribute(&mut self, message: &'a [u8]) -> Result<()> {
        let (mut name, mut number) = ("", None);
        for field in Fields(message) {
            match field? {
                (1, Field::Bytes(bytes)) => name = text(bytes)?,
                (3, Field::Varint(value)) => number = Some(value),
                _ => {}
            }
        }
        match name {
            "block_size" => self.block_size = number,
            "axis" => self.axis = number,
            _ => {}
        }
        Ok(())
    }

    /// The same node with inputs renamed.
    fn renamed(&self, names: &HashMap<&str, &str>) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(self.message.len() + 16);
        let mut fields = Fields(self.message);
        while !fields.0.is_empty() {
            let before = fields.0;
            match fields.read()? {
                (1, Field::Bytes(name)) => {
                    let name = text(name)?;
                    let name = names.get(name).copied().unwrap_or(name);
                    write_bytes(&mut out, 1, name.as_bytes());
                }
                _ => out.extend_from_slice(&before[..before.len() - fields.0.len()]),
            }
        }
        Ok(out)
    }
}

/// A weight computed here.
struct Folded {
    dims: Vec<u64>,
    values: Vec<f32>,
}

/// The model with its weights as plain 32-bit floats and its inputs and outputs free of fixed sizes.
pub(crate) fn dequantise(model: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut graph = None;
    let mut fields = Fields(model);
    while !fields.0.is_empty() {
        let before = fields.0;
        match fields.read()? {
            (7, Field::Bytes(message)) => graph = Some(dequantise_graph(message)?),
            _ => out.extend_from_slice(&before[..before.len() - fields.0.len()]),
        }
    }
    write_bytes(&mut out, 7, &graph.ok_or(OnnxError("there is no graph"))?);
    Ok(out)
}

fn dequantise_graph(message: &[u8]) -> Result<Vec<u8>> {
    let mut nodes = Vec::new();
    let mut tensors = HashMap::new();
    let mut tensor_order = Vec::new();
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for field in Fields(message) {
        match field? {
            (1, Field::Bytes(node)) => nodes.push(Node::read(node)?),
            (5, Field::Bytes(tensor)) => {
                let tensor = Tensor::read(tensor)?;
                tensor_order.push(tensor.name);
                tensors.insert(tensor.name, tensor);
            }
            (11, Field::Bytes(value)) => inputs.push(value_name(value)?),
            (12, Field::Bytes(value)) => outputs.push(value_name(value)?),
            // The graph's name and the shapes of intermediate values, which hold for one size of input only.
            _ => {}
        }
    }

    let mut folded: BTreeMap<&str, Folded> = BTreeMap::new();
    let mut consumed: HashSet<&str> = HashSet::new();
    let mut renames: HashMap<&str, &str> = HashMap::new();
    let mut kept = Vec::new();
    for node in &nodes {
        match (
            node.operator,
            node.inputs.as_slice(),
            node.outputs.as_slice(),
        ) {
            ("DequantizeLinear", [quantised, scale, zero], [output]) => {
                let get = |name: &str| tensors.get(name).ok_or(OnnxError("a weight is missing"));
                let values = dequantise_tensor(node, get(quantised)?, get(scale)?, get(zero)?)?;
                folded.insert(output, values);
                consumed.extend([*quantised, *scale, *zero]);
            }
            ("Reshape", [input, shape], [output]) if folded.contains_key(input) => {
                let shape = tensors.get(shape).ok_or(OnnxError("a shape is missing"))?;
                let dims = shape.int64s();
                consumed.insert(shape.name);
                let weight = folded
                    .remove(input)
                    .ok_or(OnnxError("a weight is missing"))?;
                if dims.iter().product::<u64>() != weight.values.len() as u64 {
                    return Err(OnnxError("a weight does not fit its shape"));
                }
                folded.insert(output, Folded { dims, ..weight });
            }
            ("Dropout", [input, ..], [output, ..]) => {
                let input = renames.get(input).copied().unwrap_or(input);
                renames.insert(output, input);
            }
            _ => kept.push(node),
        }
    }

    let mut out = Vec::new();
    for node in kept {
        write_bytes(&mut out, 1, &node.renamed(&renames)?);
    }
    write_bytes(&mut out, 2, b"graph");
    for name in &tensor_order {
        if !consumed.contains(name) {
            write_bytes(&mut out, 5, tensors[name].message);
        }
    }
    for (name, weight) in &folded {
        write_bytes(&mut out, 5, &float_tensor(name, weight));
    }
    // Older files list every weight among the inputs.
    for name in inputs {
        if !tensors.contains_key(name) && !folded.contains_key(name) {
            write_bytes(&mut out, 11, &float_value(name));
        }
    }
    for name in outputs {
        write_bytes(&mut out, 12, &float_value(name));
    }
    Ok(out)
}

/// w = (q − zero point) · scale, both repeated `block_size` times along `axis` (ONNX operator set 21).
fn dequantise_tensor(
    node: &Node<'_>,
    quantised: &Tensor<'_>,
    scales: &Tensor<'_>,
    zeros: &Tensor<'_>,
) -> Result<Folded> {
    let axis = node.axis.unwrap_or(1) as usize;
    let block = node.block_size.unwrap_or(0) as usize;
    let length = *quantised.dims.get(axis).ok_or(OnnxError("no such axis"))? as usize;
    let blocks = *scales.dims.get(axis).ok_or(OnnxError("no such axis"))? as usize;
    let inner = quantised.dims[axis + 1..].iter().product::<u64>() as usize;
    let scale = scales.floats()?;
    let zero: Vec<i8> = zeros.int8s()?.collect();
    let count = quantised.dims.iter().product::<u64>() as usize;
    if block == 0
        || inner == 0
        || length.div_ceil(block) != blocks
        || quantised.raw.len() != count
        || zero.len() != scale.len()
        || scale.len() * length != count / inner * inner * blocks
    {
        return Err(OnnxError("blocks do not fit the weight"));
    }
    let values = quantised
        .int8s()?
        .enumerate()
        .map(|(index, q)| {
            let (row, along, within) = (
                index / (length * inner),
                index / inner % length,
                index % inner,
            );
            let at = (row * blocks + along / block) * inner + within;
            f32::from(i16::from(q) - i16::from(zero[at])) * scale[at]
        })
        .collect();
    Ok(Folded {
        dims: quantised.dims.clone(),
        values,
    })
}

fn value_name(message: &[u8]) -> Result<&str> {
    for field in Fields(message) {
        if let (1, Field::Bytes(name)) = field? {
            return text(name);
        }
    }
    Err(OnnxError("a value has no name"))
}

/// `ValueInfoProto` of a float tensor of any shape.
fn float_value(name: &str) -> Vec<u8> {
    let mut tensor = Vec::new();
    write_number(&mut tensor, 1, FLOAT);
    let mut kind = Vec::new();
    write_bytes(&mut kind, 1, &tensor);
    let mut value = Vec::new();
    write_bytes(&mut value, 1, name.as_bytes());
    write_bytes(&mut value, 2, &kind);
    value
}

/// `TensorProto` of 32-bit floats.
fn float_tensor(name: &str, weight: &Folded) -> Vec<u8> {
    let mut out = Vec::with_capacity(weight.values.len() * 4 + name.len() + 64);
    for dim in &weight.dims {
        write_number(&mut out, 1, *dim);
    }
    write_number(&mut out, 2, FLOAT);
    write_bytes(&mut out, 8, name.as_bytes());
    let raw: Vec<u8> = weight
        .values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    write_bytes(&mut out, 9, &raw);
    out
}
