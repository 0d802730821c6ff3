"""``python -m tests.benchmarks``: write the page from the results of the last runs."""

from tests.benchmarks.page import write_page

if __name__ == "__main__":
    write_page()
