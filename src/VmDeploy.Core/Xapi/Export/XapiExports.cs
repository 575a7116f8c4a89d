using System.Xml;
using VmDeploy.Export;

namespace VmDeploy.Xapi;

/// <summary>Exports of XenServer: raw disks, and a descriptor that is written here.</summary>
internal sealed class XapiExports(XapiSession session) : VmExports
{
    internal override async Task<ExportSource> FindAsync(Vm vm, CancellationToken cancellationToken)
    {
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        return new XapiSource(session, vm, new ExportTraits(record.List("VTPMs").Count > 0, IsParavirtual(record)));
    }

    // Releases without domain types tell by the boot policy.
    private static bool IsParavirtual(XapiRecord vm) => vm.Text("domain_type") switch
    {
        "pv" or "pv_in_pvh" or "pvh" => true,
        "hvm" => false,
        _ => vm.Text("HVM_boot_policy").Length == 0,
    };

    private sealed class XapiSource(XapiSession session, Vm vm, ExportTraits traits) : ExportSource
    {
        public override long EstimatedBytes => vm.Disks.Sum(disk => disk.CapacityBytes);

        public override ExportTraits Traits => traits;

        public override async Task<string> RehearseAsync(CancellationToken cancellationToken)
        {
            var export = await OpenAsync(null, null!, cancellationToken);
            return await export.DescribeAsync(export.Unwritten(file => file.Name), cancellationToken);
        }

        // The host holds a disk for no longer than it is read.
        private protected override async Task<OpenExport> OpenAsync(VmSnapshot? snapshot, RollbackScope scope, CancellationToken cancellationToken)
        {
            var record = await session.VmRecordAsync(snapshot?.Id ?? vm.Id, cancellationToken);
            var drives = await session.Client.FindAsync("VBD", record.List("VBDs"), cancellationToken);
            var disks = new List<VdiFile>();
            foreach (var drive in drives.Where(drive => drive.Text("type") == "Disk" && drive.Reference("VDI") is not null).OrderBy(VmReader.PositionOf))
                disks.Add(new VdiFile(session, await session.Client.RecordAsync("VDI", drive.Reference("VDI")!, cancellationToken), $"disk-{disks.Count}.vmdk"));
            return new Open(disks, await DescribeAsync(record, drives.Count(drive => drive.Text("type") == "CD"), cancellationToken));
        }

        private async Task<Ova.OvfDescription> DescribeAsync(XapiRecord record, int cdDrives, CancellationToken cancellationToken)
        {
            var adapters = (await session.Client.FindAsync("VIF", record.List("VIFs"), cancellationToken)).OrderBy(VmReader.PositionOf).ToList();
            var networks = (await session.Client.FindAsync("network", adapters.Select(vif => vif.Reference("network")).OfType<string>().Distinct(), cancellationToken)).ToDictionary(network => network.Ref);
            var metrics = record.Reference("guest_metrics") is { } reference ? await session.Client.FindAsync("VM_guest_metrics", reference, cancellationToken) : null;
            var isEfi = FirmwareSettings.IsEfi(record);
            if (isEfi && record.Map("NVRAM").ContainsKey("EFI-variables"))
                session.Log.EfiVariablesLeft(vm.Name);
            var platform = record.Map("platform");
            var cpus = Math.Max(1, (int)record.Number("VCPUs_max"));
            return new Ova.OvfDescription(vm.Name, cpus, record.Number("memory_static_max"))
            {
                Annotation = PlainText(vm.Annotation ?? ""),
                CoresPerSocket = platform.TryGetValue("cores-per-socket", out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cores) && cores > 0 && cpus % cores == 0 ? cores : null,
                IsEfi = isEfi,
                IsSecureBoot = isEfi && platform.TryGetValue("secureboot", out var secure) && secure == "true",
                Guest = GuestOf(metrics?.Map("os_version")),
                Adapters = adapters.Select(vif => vif.Reference("network") is { } network && networks.TryGetValue(network, out var found) ? found.Name : "none").ToList(),
                CdDrives = cdDrives,
            };
        }

        // What the guest's tools say of it.
        private static (int Cim, string Id) GuestOf(IReadOnlyDictionary<string, string>? system)
        {
            if (system is null || !system.TryGetValue("distro", out var name) && !system.TryGetValue("name", out name))
                return (102, "otherGuest64");
            return name.IndexOf("windows", StringComparison.OrdinalIgnoreCase) >= 0 ? (112, "windows8Server64Guest") : (101, "otherLinux64Guest");
        }

        // Without what XML can't hold; a character outside of the basic plane is two units.
        private static string PlainText(string text) => string.Concat(text.Select((unit, i) =>
            XmlConvert.IsXmlChar(unit) || (char.IsHighSurrogate(unit) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) || (char.IsLowSurrogate(unit) && i > 0 && char.IsHighSurrogate(text[i - 1])) ? unit.ToString() : ""));
    }

    private sealed class Open(IReadOnlyList<VdiFile> files, Ova.OvfDescription description) : OpenExport
    {
        public override IReadOnlyList<ExportedFile> Files => files;

        public override int DescriptorRoom => System.Text.Encoding.UTF8.GetByteCount(Describe(Unwritten(_ => new string('x', 99), long.MaxValue))) + 1;

        public override Task<string> DescribeAsync(IReadOnlyList<PackageFile> written, CancellationToken cancellationToken) => Task.FromResult(Describe(written));

        private string Describe(IReadOnlyList<PackageFile> written) => description.Write(written);
    }

    /// <summary>A disk.</summary>
    private sealed record VdiFile(XapiSession Session, XapiRecord Vdi, string Name) : ExportedFile(Name, ExportedForm.Raw, Vdi.Number("virtual_size"))
    {
        public override Task ReadAsync(Func<Stream, long?, Task> consume, CancellationToken cancellationToken) =>
            new VdiExporter(Session).ReadAsync(Vdi, Name, stream => consume(stream, Capacity), cancellationToken);
    }
}
