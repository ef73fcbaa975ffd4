# A stand-in for the official Airflow image, for a check that must run where no registry can be reached.
# Like that image: its user, folders, entry point, and a virtual environment in ~/.local that holds uv.
FROM scratch
COPY . /
ENV AIRFLOW_HOME=/opt/airflow \
    VIRTUAL_ENV=/home/airflow/.local \
    PATH=/home/airflow/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LANG=C.UTF-8
RUN useradd --uid 50000 --gid 0 --create-home airflow \
    && install --directory --owner=airflow --mode=0775 "$AIRFLOW_HOME" "$AIRFLOW_HOME/dags" "$AIRFLOW_HOME/logs"
USER 50000
RUN python3 -m venv "$VIRTUAL_ENV" && pip install --no-cache-dir --quiet --require-hashes -r /requirements-uv.lock
WORKDIR ${AIRFLOW_HOME}
ENTRYPOINT ["/usr/bin/dumb-init", "--", "/entrypoint"]
