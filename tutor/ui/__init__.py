"""What the visitor sees: the only folder that imports streamlit, and it computes nothing."""
