# For a base that nobody can change, build with BASE=apache/airflow:3.3.2-python3.11@sha256:... (docs/operations.md).
ARG BASE=apache/airflow:3.3.2-python3.11

FROM ${BASE} AS packages

USER 50000:0

# Exactly the locked packages, of which extras (EXTRAS="s3 celery") bring more: docs/deploying.md.
ARG EXTRAS=""
COPY requirements.lock requirements-s3.lock requirements-celery.lock requirements-kubernetes.lock \
     image/install_packages.sh /tmp/locks/
RUN /tmp/locks/install_packages.sh "${EXTRAS}" \
    && chmod --recursive go-w /home/airflow/.local

FROM ${BASE}

# Code is root's, and the user who runs it can read it only: folders that hold code and writable files side by side
# are sticky. Nothing gives more rights to whoever runs it.
USER 0
RUN rm --recursive --force /home/airflow/.local \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
    && chown 0:0 "${AIRFLOW_HOME}" /home/airflow \
    && chmod 1775 "${AIRFLOW_HOME}" /home/airflow
COPY --from=packages --chown=0:0 /home/airflow/.local /home/airflow/.local

# The scheduler then answers its own health check, far cheaper than starting `airflow jobs check`. Thousands of
# destinations are read again every five minutes, not every thirty seconds, and a night's runs made a hundred at a
# time (docs/operations.md, Many destinations).
ENV PYTHONPATH=${AIRFLOW_HOME}/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK=True \
    AIRFLOW__SCHEDULER__MAX_DAGRUNS_TO_CREATE_PER_LOOP=100 \
    AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL=300 \
    AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT=180 \
    AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=120
COPY image/healthcheck.sh /healthcheck
HEALTHCHECK --interval=60s --timeout=50s --start-period=120s --retries=3 CMD ["/healthcheck"]

COPY --from=packages --chown=0:0 /tmp/installed ${AIRFLOW_HOME}
COPY config ${AIRFLOW_HOME}/config
COPY include ${AIRFLOW_HOME}/include
COPY plugins ${AIRFLOW_HOME}/plugins
COPY dags ${AIRFLOW_HOME}/dags

WORKDIR ${AIRFLOW_HOME}
# Delivery files wait in staging with clients' data in them: for this user's eyes only.
RUN python -m compileall -q config plugins dags \
    && chown --recursive 0:0 config include plugins dags requirements*.lock \
    && chmod --recursive go-w config include plugins dags requirements*.lock \
    && install --directory --owner=50000 --group=0 --mode=0700 staging

USER 50000:0
