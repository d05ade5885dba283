"""A page that says hello."""

import streamlit as st

st.title("Hello")
st.button("Say it again", key="hello_again")
