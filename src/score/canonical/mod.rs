//! Canonical JSON (RFC 8785): one spelling for each value, so that a digest names a value and not how somebody wrote it
//! down. Written in one pass: a record of many cases is written while somebody waits for the verdict.

mod list;
mod object;

use serde::Serialize;
use serde::ser::{Error as _, Serializer};
use serde_json::Error;

use list::List;
use object::Object;

/// The value as canonical JSON. Fails on a number that is not finite, a map key that is no text, and a key that stands
/// twice in an object.
pub fn canonical(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(128);
    append_canonical(value, &mut out)?;
    Ok(out)
}

/// The same, behind what `out` holds already.
pub fn append_canonical(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Error> {
    value.serialize(Canonical(out))
}

/// A value that was written as canonical JSON before, and is not written in any other form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written(Vec<u8>);

impl Written {
    /// The canonical JSON of a value.
    pub fn of(value: &impl Serialize) -> Result<Self, Error> {
        canonical(value).map(Self)
    }

    /// Text that was made so.
    pub const fn again(canonical: Vec<u8>) -> Self {
        Self(canonical)
    }
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// Appends one value.
struct Canonical<'o>(&'o mut Vec<u8>);

impl<'o> Canonical<'o> {
    /// JavaScript has one kind of number, and so has canonical JSON.
    fn number(self, number: f64) -> Result<(), Error> {
        if !number.is_finite() {
            return Err(Error::custom("a number is not finite"));
        }
        let mut buffer = ryu_js::Buffer::new();
        let text = buffer.format_finite(number);
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn list(self) -> List<'o> {
        self.0.push(b'[');
        List {
            first: true,
            variant: false,
            out: self.0,
        }
    }

    fn object(self) -> Object<'o> {
        self.0.push(b'{');
        Object {
            start: self.0.len(),
            members: Vec::new(),
            variant: false,
            out: self.0,
        }
    }

    /// The beginning of `{"variant":…}`.
    fn variant(&mut self, variant: &'static str) -> Result<(), Error> {
        self.0.push(b'{');
        serde_json::to_writer(&mut *self.0, variant)?;
        self.0.push(b':');
        Ok(())
    }
}

impl<'o> Serializer for Canonical<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'o>;
    type SerializeTuple = List<'o>;
    type SerializeTupleStruct = List<'o>;
    type SerializeTupleVariant = List<'o>;
    type SerializeMap = Object<'o>;
    type SerializeStruct = Object<'o>;
    type SerializeStructVariant = Object<'o>;

    fn serialize_bool(self, v: bool) -> Result<(), Error> {
        let word: &[u8] = if v { b"true" } else { b"false" };
        self.0.extend_from_slice(word);
        Ok(())
    }

    fn serialize_i8(self, v: i8) -> Result<(), Error> {
        self.number(v.into())
    }

    fn serialize_i16(self, v: i16) -> Result<(), Error> {
        self.number(v.into())
    }

    fn serialize_i32(self, v: i32) -> Result<(), Error> {
        self.number(v.into())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "canonical JSON has no other numbers"
    )]
    fn serialize_i64(self, v: i64) -> Result<(), Error> {
        self.number(v as f64)
    }

    fn serialize_u8(self, v: u8) -> Result<(), Error> {
        self.number(v.into())
    }

    fn serialize_u16(self, v: u16) -> Result<(), Error> {
        self.number(v.into())
    }

    fn serialize_u32(self, v: u32) -> Result<(), Error> {
        self.number(v.into())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "canonical JSON has no other numbers"
    )]
    fn serialize_u64(self, v: u64) -> Result<(), Error> {
        self.number(v as f64)
    }

    fn serialize_f32(self, v: f32) -> Result<(), Error> {
        self.number(v.into())
    }

    fn serialize_f64(self, v: f64) -> Result<(), Error> {
        self.number(v)
    }

    fn serialize_char(self, v: char) -> Result<(), Error> {
        serde_json::to_writer(self.0, &v)
    }

    fn serialize_str(self, v: &str) -> Result<(), Error> {
        serde_json::to_writer(self.0, v)
    }

    /// Nothing that JSON has is bytes, so these are of [`Written`].
    fn serialize_bytes(self, v: &[u8]) -> Result<(), Error> {
        self.0.extend_from_slice(v);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.0.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant)?;
        value.serialize(Canonical(self.0))?;
        self.0.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'o>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'o>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'o>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'o>, Error> {
        self.variant(variant)?;
        Ok(List {
            variant: true,
            ..self.list()
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'o>, Error> {
        Ok(self.object())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'o>, Error> {
        Ok(self.object())
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'o>, Error> {
        self.variant(variant)?;
        Ok(Object {
            variant: true,
            ..self.object()
        })
    }
}

#[cfg(test)]
mod tests;
