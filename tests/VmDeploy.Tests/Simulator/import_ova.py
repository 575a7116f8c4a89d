#!/usr/bin/python3
"""Imports an OVA the way pyVmomi's community scripts do it, lists the VMs and powers the new one on.

    import_ova.py PORT USER PASSWORD OVA NAME

pyVmomi is a client that nobody of this project wrote, so it tells whether the simulator speaks as hosts do.
"""
import ssl
import sys
import tarfile
import threading
import time
import urllib.request
from xml.etree import ElementTree

from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim, vmodl

OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"


def network_names(manager, descriptor):
    """The networks of a package, as the host reads them."""
    try:
        return [n.name for n in manager.ParseDescriptor(descriptor, vim.OvfManager.ParseDescriptorParams()).network]
    except vmodl.fault.MethodNotFound:  # Debian's vcsim
        return [n.get(OVF + "name") for n in ElementTree.fromstring(descriptor.encode()).iter(OVF + "Network")]


def upload(lease, item, archive, host_and_port, context):
    """Sends one file of the archive to its URL."""
    url = next(u for u in lease.info.deviceUrl if u.importKey == item.deviceId).url
    member = archive.getmember(item.path)
    url = url.replace("https://*/", f"https://{host_and_port}/")
    request = urllib.request.Request(url, archive.extractfile(member), {
        "Content-Type": "application/x-vnd.vmware-streamVmdk", "Content-Length": str(member.size)}, method="POST")
    with urllib.request.urlopen(request, context=context) as reply:
        assert reply.status in (200, 201), reply.status


def main(port, user, password, ova, name):
    context = ssl._create_unverified_context()
    service = SmartConnect(host="127.0.0.1", port=int(port), user=user, pwd=password, sslContext=context)
    content = service.RetrieveContent()
    print("product", content.about.fullName)
    datacenter = next(d for d in content.rootFolder.childEntity if d.name == "ha-datacenter")
    compute = datacenter.hostFolder.childEntity[0]
    datastore = next(d for d in datacenter.datastoreFolder.childEntity if d.name == "datastore1")
    network = next(n for n in datacenter.network if n.name == "VM Network")

    with tarfile.open(ova) as archive:
        descriptor = archive.extractfile(next(n for n in archive.getnames() if n.endswith(".ovf"))).read().decode()
        spec = content.ovfManager.CreateImportSpec(descriptor, compute.resourcePool, datastore, vim.OvfManager.CreateImportSpecParams(
            entityName=name, diskProvisioning="thin",
            networkMapping=[vim.OvfManager.NetworkMapping(name=n, network=network) for n in network_names(content.ovfManager, descriptor)]))
        assert not spec.error, spec.error
        lease = compute.resourcePool.ImportVApp(spec.importSpec, datacenter.vmFolder)
        while lease.state == vim.HttpNfcLease.State.initializing:
            time.sleep(0.05)
        assert lease.state == vim.HttpNfcLease.State.ready, lease.error

        stop = threading.Event()
        def keep_alive():
            while not stop.wait(0.5):
                lease.HttpNfcLeaseProgress(50)
        keeper = threading.Thread(target=keep_alive, daemon=True)
        keeper.start()
        for item in spec.fileItem:
            upload(lease, item, archive, f"127.0.0.1:{port}", context)
        stop.set()
        keeper.join()
        lease.HttpNfcLeaseComplete()

    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    machine = next(vm for vm in view.view if vm.name == name)
    view.DestroyView()
    WaitForTask(machine.PowerOn())
    print("vm", machine.name, machine.summary.config.uuid, machine.runtime.powerState)
    for device in machine.config.hardware.device:
        if isinstance(device, vim.vm.device.VirtualDisk):
            print("disk", device.deviceInfo.label, device.capacityInKB, device.backing.fileName)
    Disconnect(service)


if __name__ == "__main__":
    main(*sys.argv[1:])
