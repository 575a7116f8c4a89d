namespace VmDeploy.Simulator.Xapi;

/// <summary>Disks and storage repositories.</summary>
internal static class VdiCalls
{
    public static void Register(XapiHost host)
    {
        host.On("VDI.create", call => Create(host, call.Record(0)).Ref);
        host.On("VDI.destroy", call => Destroy(host, call.Object(0)));
        host.On("VDI.resize", call => Resize(host, call.Object(0), call.Number(1)));
        host.On("VDI.clone", call => Copy(host, call.Object(0), null).Ref);
        host.On("VDI.snapshot", call => Snapshot(host, call.Object(0)).Ref);
        host.On("VDI.copy", call => Copy(host, call.Object(0), call.Arguments[1] is string and not XapiType.NullRef ? call.Object(1) : null).Ref);
        host.On("SR.scan", call => call.Database.Touch(call.Object(0)));
        host.On("SR.update", call => call.Database.Touch(call.Object(0)));
    }

    public static XapiObject Create(XapiHost host, Dictionary<string, object> record)
    {
        var sr = host.Database.Get("SR", (string)record["SR"]);
        if (!((List<object>)sr.Fields["allowed_operations"]).Contains("vdi_create"))
            throw new XapiFailure("SR_OPERATION_NOT_SUPPORTED", sr.Ref);
        var size = (long)record["virtual_size"];
        if (size <= 0)
            throw new XapiFailure("SR_BACKEND_FAILURE_79", "", "VDI Invalid size [opterr=must be positive]", "");
        // An ISO repository keeps plain files.
        if (sr.Text("content_type") != "iso")
            size = (size + host.Options.VdiGranularity - 1) / host.Options.VdiGranularity * host.Options.VdiGranularity;
        RefuseIfFull(host, sr, size);
        var vdi = host.Database.Create("VDI", [.. record.Select(e => (e.Key, e.Value)).Where(e => e.Key != "virtual_size"),
            ("virtual_size", size), ("managed", true)]);
        vdi.Fields["location"] = vdi.Uuid;
        host.Files.Create(vdi.Uuid, size);
        host.Database.Add(sr, "VDIs", vdi.Ref);
        return vdi;
    }

    public static void Destroy(XapiHost host, XapiObject vdi)
    {
        RefuseIfAttached(host, vdi, "destroy");
        if (!((List<object>)host.Database.Get("SR", vdi.Text("SR")).Fields["allowed_operations"]).Contains("vdi_destroy"))
            throw new XapiFailure("SR_OPERATION_NOT_SUPPORTED", vdi.Text("SR"));
        foreach (var vbd in vdi.Refs("VBDs").Select(r => host.Database.Get("VBD", r)))
        {
            if (vbd.Text("type") == "CD")
                VbdCalls.SetMedium(host.Database, vbd, null);
            else
                VbdCalls.Destroy(host.Database, vbd);
        }
        host.Database.Remove(host.Database.Get("SR", vdi.Text("SR")), "VDIs", vdi.Ref);
        host.Database.Destroy(vdi);
        host.Files.Delete(vdi.Uuid);
    }

    /// <summary>A new disk with the bytes of another, on the same repository or another.</summary>
    public static XapiObject Copy(XapiHost host, XapiObject vdi, XapiObject? sr)
    {
        var fields = XapiSchema.Instance.Classes["VDI"].Fields.Values.Where(f => f.IsConstructor).ToDictionary(f => f.Name, f => vdi.Fields[f.Name]);
        if (sr is not null)
            fields["SR"] = sr.Ref;
        var copy = Create(host, fields);
        host.Files.Copy(vdi.Uuid, copy.Uuid);
        return copy;
    }

    public static XapiObject Snapshot(XapiHost host, XapiObject vdi)
    {
        var snapshot = Copy(host, vdi, null);
        host.Database.Set(snapshot, "is_a_snapshot", true);
        host.Database.Set(snapshot, "snapshot_of", vdi.Ref);
        host.Database.Add(vdi, "snapshots", snapshot.Ref);
        return snapshot;
    }

    private static void Resize(XapiHost host, XapiObject vdi, long size)
    {
        RefuseIfAttached(host, vdi, "resize");
        if (size < vdi.Number("virtual_size"))
            throw new XapiFailure("SR_BACKEND_FAILURE_79", "", "VDI Invalid size [opterr=shrinking not allowed]", "");
        size = (size + host.Options.VdiGranularity - 1) / host.Options.VdiGranularity * host.Options.VdiGranularity;
        RefuseIfFull(host, host.Database.Get("SR", vdi.Text("SR")), size - vdi.Number("virtual_size"));
        host.Files.Resize(vdi.Uuid, size);
        host.Database.Set(vdi, "virtual_size", size);
    }

    private static void RefuseIfAttached(XapiHost host, XapiObject vdi, string operation)
    {
        if (AllowedOperations.IsAttached(host, vdi))
            throw new XapiFailure("VDI_IN_USE", vdi.Ref, operation);
    }

    private static void RefuseIfFull(XapiHost host, XapiObject sr, long more)
    {
        if ((long)host.Database.Read(sr, "virtual_allocation") + more > sr.Number("physical_size"))
            throw new XapiFailure("SR_BACKEND_FAILURE_44", "", "There is insufficient space", "");
    }
}
