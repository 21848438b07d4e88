FROM nats:2.11.8-alpine
# A named volume takes its owner from here.
RUN mkdir /data && chown 1000:1000 /data
USER 1000:1000
CMD ["--config", "/etc/nats/trade.conf", "--store_dir", "/data"]
