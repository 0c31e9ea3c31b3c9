//! A run that is killed, stopped or refused, and then goes on: nothing that was answered is lost, changed or asked
//! again. The binary runs between a folder and a model server of our own, which says what it was asked.
#![cfg(test)]

#[path = "../fuzz/edits.rs"]
mod edits;
mod folder;
mod server;

mod edited;
mod gone;
mod refused;
mod stopped;
