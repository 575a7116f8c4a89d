using System.Text.Json;
using System.Text.Json.Serialization;

namespace VmDeploy.QuickStart;

/// <summary>The configuration files beside the program, and what they name.</summary>
internal sealed record Jobs(string Folder, ImportJob Import, CloneJob Clones, IsoJob Iso, TemplateJob Template)
{
    public string Ova => Path.Combine(Folder, Import.OvfPath);

    /// <summary>The local file that is sent to where the ISO job expects it.</summary>
    public string IsoFile => Path.Combine(Folder, "tiny.iso");

    public static Jobs Read(string folder) => new(folder,
        Read<ImportJob>(folder, "config_question7.json"),
        Read<CloneJob>(folder, "config_question8.json"),
        Read<IsoJob>(folder, "config_question9.json"),
        Read<TemplateJob>(folder, "vm_deploy.json"));

    private static T Read<T>(string folder, string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(Path.Combine(folder, name)))
        ?? throw new JsonException($"{name} holds no job.");
}

/// <summary>A file with the keys of config_question7.json.</summary>
internal sealed record ImportJob(
    [property: JsonPropertyName("ovf_path")] string OvfPath,
    [property: JsonPropertyName("datacenter")] string Datacenter,
    [property: JsonPropertyName("datastore")] string Datastore,
    [property: JsonPropertyName("num_instances")] int Instances,
    [property: JsonPropertyName("vm_name_prefix")] string NamePrefix,
    [property: JsonPropertyName("host_name")] string HostName)
{
    [JsonIgnore]
    public IReadOnlyList<string> Names => [.. Enumerable.Range(1, Instances).Select(i => $"{NamePrefix}{i}")];
}

/// <summary>A file with the keys of config_question8.json.</summary>
internal sealed record CloneJob(
    [property: JsonPropertyName("datastore")] string Datastore,
    [property: JsonPropertyName("vm_name_prefix")] string NamePrefix,
    [property: JsonPropertyName("num_clones")] int Count)
{
    [JsonIgnore]
    public string Source => $"{NamePrefix}1";

    [JsonIgnore]
    public IReadOnlyList<string> Names => [.. Enumerable.Range(1, Count).Select(i => $"{NamePrefix}_clone{i}")];
}

/// <summary>A file with the keys of config_question9.json.</summary>
internal sealed record IsoJob(
    [property: JsonPropertyName("datastore")] string Datastore,
    [property: JsonPropertyName("vm_name_prefix")] string NamePrefix,
    [property: JsonPropertyName("iso_path")] string IsoPath)
{
    [JsonIgnore]
    public string Name => $"{NamePrefix}1";
}

/// <summary>A file with the keys of vm_deploy.json.</summary>
internal sealed record TemplateJob(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("template")] string Template,
    [property: JsonPropertyName("cpu")] int CpuCount,
    [property: JsonPropertyName("memory")] int MemoryMB,
    [property: JsonPropertyName("disk")] int DiskGB);
