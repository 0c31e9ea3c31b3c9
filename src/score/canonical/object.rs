//! Objects of canonical JSON, and the types of serde that are written as objects.

use serde::Serialize;
use serde::ser::{Error as _, SerializeMap, SerializeStruct, SerializeStructVariant};
use serde_json::Error;

use super::Canonical;

/// An object that is being appended: members in the order they come, put into the order of their keys at the end.
pub(super) struct Object<'o> {
    /// Where the first member begins.
    pub(super) start: usize,
    pub(super) members: Vec<Member>,
    /// True where an object around it names the variant.
    pub(super) variant: bool,
    pub(super) out: &'o mut Vec<u8>,
}

/// Where a member stands, from the quotation mark before its key to the end of its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    start: usize,
    /// After the quotation mark behind the key.
    key_end: usize,
    end: usize,
}

impl Object<'_> {
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        if !self.members.is_empty() {
            self.out.push(b',');
        }
        let start = self.out.len();
        key.serialize(Canonical(self.out))?;
        if self.out.get(start) != Some(&b'"') {
            return Err(Error::custom("a map key is no text"));
        }
        let key_end = self.out.len();
        self.out.push(b':');
        self.members.push(Member {
            start,
            key_end,
            end: key_end,
        });
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Canonical(self.out))?;
        if let Some(member) = self.members.last_mut() {
            member.end = self.out.len();
        }
        Ok(())
    }

    fn close(mut self) -> Result<(), Error> {
        let ascending = |one: &Member, other: &Member| self.text(*one) < self.text(*other);
        if !self.is_plain() || !self.members.is_sorted_by(ascending) {
            self.sort()?;
        }
        self.out.push(b'}');
        if self.variant {
            self.out.push(b'}');
        }
        Ok(())
    }

    /// A key as it is written, without its quotation marks.
    fn text(&self, member: Member) -> &[u8] {
        let key = self.out.get(member.start + 1..member.key_end - 1);
        key.unwrap_or_default()
    }

    /// Whether the order of the keys is that of their bytes.
    fn is_plain(&self) -> bool {
        let mut keys = self.members.iter().map(|member| self.text(*member));
        keys.all(|key| key.is_ascii() && !key.contains(&b'\\'))
    }

    fn sort(&mut self) -> Result<(), Error> {
        let members = self.ordered()?;
        let twice = |pair: &[Member]| matches!(pair, [a, b] if self.text(*a) == self.text(*b));
        if members.windows(2).any(twice) {
            return Err(Error::custom("a key stands twice in an object"));
        }
        let mut sorted = Vec::with_capacity(self.out.len() - self.start);
        for (place, member) in members.iter().enumerate() {
            if place > 0 {
                sorted.push(b',');
            }
            sorted.extend_from_slice(self.out.get(member.start..member.end).unwrap_or_default());
        }
        self.out.truncate(self.start);
        self.out.append(&mut sorted);
        Ok(())
    }

    /// The members in the order of the UTF-16 code units of their keys.
    fn ordered(&self) -> Result<Vec<Member>, Error> {
        let mut members = self.members.clone();
        if self.is_plain() {
            members.sort_unstable_by(|one, other| self.text(*one).cmp(self.text(*other)));
            return Ok(members);
        }
        let decoded = members.into_iter().map(|member| {
            let written = self.out.get(member.start..member.key_end);
            let key: String = serde_json::from_slice(written.unwrap_or_default())?;
            Ok((key.encode_utf16().collect::<Vec<u16>>(), member))
        });
        let mut decoded = decoded.collect::<Result<Vec<_>, Error>>()?;
        decoded.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(decoded.into_iter().map(|(_, member)| member).collect())
    }
}

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.key(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStructVariant for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.key(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
