"""Imports an OVA several times, one after the other, as many a script does:
imports.py HOST PORT USER PASSWORD OVA COUNT"""
import http.client
import ssl
import sys
import tarfile
import urllib.parse

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim

host, port, user, password, path, count = sys.argv[1:]
unverified = ssl._create_unverified_context()
service = SmartConnect(host=host, port=int(port), user=user, pwd=password, sslContext=unverified)
content = service.RetrieveContent()
datacenter = content.rootFolder.childEntity[0]
pool = datacenter.hostFolder.childEntity[0].resourcePool
datastore = next(d for d in datacenter.datastore if d.name == "datastore1")
networks = [vim.OvfManager.NetworkMapping(name="VM Network", network=next(n for n in datacenter.network if n.name == "VM Network"))]

for number in range(1, int(count) + 1):
    with tarfile.open(path) as archive:
        descriptor = archive.extractfile(next(n for n in archive.getnames() if n.endswith(".ovf"))).read().decode()
        parameters = vim.OvfManager.CreateImportSpecParams(entityName=f"python{number}", networkMapping=networks)
        spec = content.ovfManager.CreateImportSpec(descriptor, pool, datastore, parameters)
        assert not spec.error, spec.error
        lease = pool.ImportVApp(spec.importSpec, datacenter.vmFolder)
        while lease.state == vim.HttpNfcLease.State.initializing:
            pass
        for device in lease.info.deviceUrl:
            item = next(i for i in spec.fileItem if i.deviceId == device.importKey)
            url = urllib.parse.urlsplit(device.url.replace("*", f"{host}:{port}"))
            member = archive.getmember(item.path)
            connection = http.client.HTTPSConnection(host, int(port), context=unverified, blocksize=1 << 20)
            connection.request("POST", url.path, archive.extractfile(member), {
                "Content-Type": "application/x-vnd.vmware-streamVmdk", "Content-Length": str(member.size)})
            assert connection.getresponse().status in (200, 201)
            connection.close()
        lease.Complete()
Disconnect(service)
