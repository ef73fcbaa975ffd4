FROM apache/airflow:3.3.2-python3.11

USER 50000:0

# Exactly the locked packages: sync also removes the base image's other providers, whose
# requirements would contradict the lock. The base image comes without bytecode. As pip does, uv trusts the system's
# certificates too: a proxy may have its own authority.
COPY requirements.lock ${AIRFLOW_HOME}/
RUN UV_SYSTEM_CERTS=true uv pip sync --no-cache --require-hashes --compile-bytecode "${AIRFLOW_HOME}/requirements.lock"

# The scheduler then answers its own health check, far cheaper than starting `airflow jobs check`.
ENV PYTHONPATH=${AIRFLOW_HOME}/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK=True
COPY image/healthcheck.sh /healthcheck
HEALTHCHECK --interval=60s --timeout=50s --start-period=120s --retries=3 CMD ["/healthcheck"]

# Delivery files wait here with clients' data in them: for this user's eyes only.
RUN install --directory --mode=0700 "${AIRFLOW_HOME}/staging"

COPY --chown=50000:0 config ${AIRFLOW_HOME}/config
COPY --chown=50000:0 include ${AIRFLOW_HOME}/include
COPY --chown=50000:0 plugins ${AIRFLOW_HOME}/plugins
COPY --chown=50000:0 dags ${AIRFLOW_HOME}/dags
RUN python -m compileall -q "${AIRFLOW_HOME}/config" "${AIRFLOW_HOME}/plugins" "${AIRFLOW_HOME}/dags"
