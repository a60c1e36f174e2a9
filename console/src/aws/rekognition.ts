import type { Client } from './client';
import { callJson, type JsonService, type Options } from './json';

const REKOGNITION: JsonService = { service: 'rekognition', targetPrefix: 'RekognitionService', version: '1.1' };

/** In shares of the picture's width and height, from its upper left corner; parts of it may lie outside. */
export interface BoundingBox {
  readonly Left: number;
  readonly Top: number;
  readonly Width: number;
  readonly Height: number;
}

/** Bytes in base64, or an object that the server reads. */
export type Image =
  | { readonly Bytes: string }
  | { readonly S3Object: { readonly Bucket: string; readonly Name: string } };

/** A face as a collection keeps it. Confidences and similarities go up to 100. */
export interface Face {
  readonly FaceId: string;
  readonly BoundingBox: BoundingBox;
  readonly ImageId: string;
  readonly ExternalImageId?: string;
  readonly Confidence: number;
  readonly IndexFacesModelVersion?: string;
}

export interface FaceMatch {
  readonly Similarity: number;
  readonly Face: Face;
}

/** `Smile`, `Sunglasses` and their like. */
export interface Finding {
  readonly Value: boolean | string;
  readonly Confidence: number;
}

export interface FaceDetail {
  readonly BoundingBox: BoundingBox;
  readonly Confidence: number;
  readonly Landmarks?: readonly { readonly Type: string; readonly X: number; readonly Y: number }[];
  readonly Pose?: { readonly Roll: number; readonly Yaw: number; readonly Pitch: number };
  readonly Quality?: { readonly Brightness: number; readonly Sharpness: number };
  readonly AgeRange?: { readonly Low: number; readonly High: number };
  readonly Emotions?: readonly { readonly Type: string; readonly Confidence: number }[];
  readonly [attribute: string]: unknown;
}

export interface ListCollectionsOutput {
  readonly CollectionIds: readonly string[];
  readonly FaceModelVersions?: readonly string[];
  readonly NextToken?: string;
}

export interface DescribeCollectionOutput {
  readonly FaceCount: number;
  readonly FaceModelVersion: string;
  readonly CollectionARN: string;
  readonly CreationTimestamp: number;
}

interface Collection {
  readonly CollectionId: string;
}

export interface SearchByImageInput extends Collection {
  readonly Image: Image;
  readonly FaceMatchThreshold: number;
  readonly MaxFaces: number;
}

export interface SearchByImageOutput {
  readonly SearchedFaceBoundingBox: BoundingBox;
  readonly SearchedFaceConfidence: number;
  readonly FaceMatches: readonly FaceMatch[];
  readonly FaceModelVersion: string;
}

export interface SearchFacesInput extends Collection {
  readonly FaceId: string;
  readonly FaceMatchThreshold: number;
  readonly MaxFaces: number;
}

export interface ListFacesInput extends Collection {
  readonly NextToken?: string | undefined;
  readonly MaxResults?: number;
  readonly FaceIds?: readonly string[];
}

/** Rekognition, the operations that the console uses. */
export function rekognition(client: Client) {
  const op =
    <Input extends object, Output>(operation: string) =>
    (input: Input, options?: Options): Promise<Output> =>
      callJson<Output>(client, REKOGNITION, operation, input, options);
  return {
    createCollection: op<Collection, { CollectionArn: string }>('CreateCollection'),
    deleteCollection: op<Collection, object>('DeleteCollection'),
    deleteFaces: op<Collection & { FaceIds: readonly string[] }, { DeletedFaces: readonly string[] }>('DeleteFaces'),
    describeCollection: op<Collection, DescribeCollectionOutput>('DescribeCollection'),
    detectFaces: op<{ Image: Image; Attributes: readonly string[] }, { FaceDetails: readonly FaceDetail[] }>('DetectFaces'),
    listCollections: op<{ NextToken?: string | undefined; MaxResults?: number }, ListCollectionsOutput>('ListCollections'),
    listFaces: op<ListFacesInput, { Faces: readonly Face[]; NextToken?: string }>('ListFaces'),
    searchFaces: op<SearchFacesInput, { FaceMatches: readonly FaceMatch[] }>('SearchFaces'),
    searchFacesByImage: op<SearchByImageInput, SearchByImageOutput>('SearchFacesByImage'),
  };
}
