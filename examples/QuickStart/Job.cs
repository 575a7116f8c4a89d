using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VmDeploy.QuickStart;

/// <summary>A configuration file with the keys of config_question7.json.</summary>
internal sealed record Job(
    [property: JsonPropertyName("ovf_path")] string OvfPath,
    [property: JsonPropertyName("datacenter")] string Datacenter,
    [property: JsonPropertyName("datastore")] string Datastore,
    [property: JsonPropertyName("num_instances")] int Instances,
    [property: JsonPropertyName("vm_name_prefix")] string NamePrefix,
    [property: JsonPropertyName("host_name")] string HostName)
{
    [JsonIgnore]
    public IReadOnlyList<string> Names => Enumerable.Range(1, Instances).Select(i => $"{NamePrefix}{i}").ToList();

    public static T Read<T>(string path) => JsonSerializer.Deserialize<T>(File.ReadAllText(path))
        ?? throw new JsonException($"{path} holds no job.");
}

/// <summary>A configuration file with the keys of vm_deploy.json.</summary>
internal sealed record TemplateJob(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("template")] string Template,
    [property: JsonPropertyName("cpu")] int CpuCount,
    [property: JsonPropertyName("memory")] int MemoryMB,
    [property: JsonPropertyName("disk")] int DiskGB);
